"""A photo that somebody sends is read in a confined process: a picture can ask for more memory and time than there is.

Run confined (`python -m app.qr.photo_reader`), it takes the photo on standard input and answers with JSON.
"""

import json
import sys
from dataclasses import asdict

from app.confined import REFUSED, ConfinedBusyError, ConfinedError, ConfinedRefusalError, read_confined
from app.qr.photo import FoundCode, PhotoError, read_photo

MEMORY_MAX_BYTES = 2 * 2**30
"""Fifty megapixels, and the ways they are looked at."""


def read_sent_photo(data: bytes) -> tuple[FoundCode, ...]:
    """What `read_photo` finds, read in a process of its own; raises PhotoError for what cannot be read to its end."""
    try:
        said = json.loads(read_confined(__name__, data, memory_bytes=MEMORY_MAX_BYTES))
    except ConfinedRefusalError as refused:
        raise PhotoError(str(refused)) from refused
    except ConfinedBusyError as busy:
        raise PhotoError("Máy đang đọc ảnh khác. Hãy gửi lại sau một phút.") from busy
    except ConfinedError as ended:
        raise PhotoError("Ảnh quá nặng, đọc không xong. Hãy chụp hoặc lưu lại ảnh nhỏ hơn.") from ended
    return tuple(FoundCode(each["text"], each["page"], tuple((x, y) for x, y in each["corners"])) for each in said)


def main() -> int:
    """Read standard input as a photo; answer on standard output, or exit REFUSED with the reason."""
    try:
        found = read_photo(sys.stdin.buffer.read())
    except PhotoError as error:
        sys.stderr.buffer.write(str(error).encode())
        return REFUSED
    json.dump([asdict(each) for each in found], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
