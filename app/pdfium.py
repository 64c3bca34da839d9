"""PDFium for one thread at a time: it keeps global state, and two threads inside it end the whole program.

A page being served and a lot being checked in the background both read PDFs; whoever calls pypdfium2 holds this lock.
"""

from threading import RLock

PDFIUM = RLock()
