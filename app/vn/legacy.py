"""Text typed in the fonts of the nineties (TCVN3 “.VnTime”, VNI): in Unicode it is rubbish, never to be stored."""

import re

_WORD = re.compile(r"[^\s,;|\"]{1,40}")
_TCVN3 = re.compile(r"[A-Za-z][¨©ª¬\u00ad®µ¶·¸¹¼½¾]|[¨©ª¬\u00ad®µ¶·¸¹¼½¾][a-z]|[a-z][À-ÖØ-Þ]")
_FOREIGN = re.compile("[ÄÅÆÇËÎÏÑÖØÛÜÞßäåæçëîïñöøûüþÿ]")
_UNICODE = re.compile("[\u1ea0-\u1ef9ĂăĐđƠơƯư]")
_VNI = re.compile(
    r"[aA][àáâãäåèéêëïøùúûüõýÀÁÂÃÄÅÈÉÊËÏØÙÚÛÜÕÝ]|[eE][àáâãäåïøùûõÀÁÂÃÄÅÏØÙÛÕ]|[oO][âäåïøùûÂÄÅÏØÙÛ]|[öÖ][ôùøûõïôÔÙØÛÕÏ]"
)
_WORDS_MIN = 3
_SHARE_MIN = 0.5


def legacy_encoding(text: str) -> str:
    """The old encoding in which most accented words of this text were typed, "TCVN3" or "VNI"; "" for Unicode text.

    A guess over many words (a whole list, never one name): a single foreign name in a list is nobody's mistake.

    >>> legacy_encoding("NguyÔn V¨n Hïng, TrÇn ThÞ T\u00ad, chî B×nh Minh"), legacy_encoding("Nguyễn Văn Hùng, Häagen")
    ('TCVN3', '')
    >>> legacy_encoding("Nguyeãn Vaên Huøng, Traàn Thò Höôøng")
    'VNI'
    """
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    vni = _count(_VNI, words)
    tcvn3 = _count(_TCVN3, words)
    foreign = _count(_FOREIGN, words)
    likely = max(vni, min(tcvn3 + foreign, len(words)))
    is_old = max(vni, tcvn3) >= _WORDS_MIN and likely >= len(words) * _SHARE_MIN
    if not is_old or likely < 2 * _count(_UNICODE, words):
        return ""
    return "VNI" if vni * 2 > likely else "TCVN3"


def _count(pattern: re.Pattern[str], words: list[str]) -> int:
    return sum(pattern.search(word) is not None for word in words)
