"""PDFium for one thread at a time: it keeps global state, and two threads inside it end the whole program.

A page being served and a lot being checked in the background both read PDFs; whoever calls pypdfium2 holds this lock.
"""

import ctypes
import sys
from threading import RLock

PDFIUM = RLock()
_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def give_back() -> None:
    """Hand memory that was freed back to the system: glibc keeps what lies between PDFium's long-lived scraps.

    Without it a lot of 20,000 grows by 3 MB every thousand pages, all of it free. Elsewhere it does nothing.
    """
    if _TRIM is not None:
        _TRIM(0)
