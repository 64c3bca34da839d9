"""What a stranger's search may match: names and places, never a phone, a tax code or an account. Pure."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from app.vn.text import fold


def matches(words: Iterable[str], *shown: str) -> bool:
    """Whether each folded word stands in what the page would show anyway.

    >>> matches(["bun", "huong"], "Bún chả Hường", "A01-06"), matches(["0987"], "Bún chả Hường")
    (True, False)
    """
    text = fold(" ".join(shown))
    return all(word in text for word in words)


def shop_label(address: str) -> str:
    """The name of an online shop's place: the host without www.

    >>> shop_label("https://www.voso.vn/cua-hang/1")
    'voso.vn'
    """
    return (urlsplit(address).hostname or address).removeprefix("www.")


def is_web_address(address: str) -> bool:
    """Only https addresses become links."""
    return urlsplit(address).scheme == "https"
