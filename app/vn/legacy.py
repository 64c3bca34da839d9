"""Text typed in the fonts of the nineties (TCVN3 “.VnTime”, VNI): in Unicode it is rubbish, never to be stored."""

import re

_WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f\W\d_][^\W\d_]*|\S*[A-Za-z]\S*[^\x00-\x7f\w\s]\S*|\S*[^\x00-\x7f\w\s][a-z]\S*")
_FOREIGN = "ÄÅÆÇËÎÏÑÖØÛÜÞßäåæçëîïñöøûüþÿ"
_TCVN3 = re.compile(rf"[A-Za-z][¨©ª¬\u00ad®µ¶·¸¹¼½¾]|[¨©ª¬\u00ad®µ¶·¸¹¼½¾][a-z]|[a-z][À-ÖØ-Þ]|[{_FOREIGN}]")
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
    words = _WORD.findall(text)
    vni = sum(_VNI.search(word) is not None for word in words)
    tcvn3 = sum(_TCVN3.search(word) is not None for word in words)
    likely = max(vni, tcvn3)
    if likely < _WORDS_MIN or likely < len(words) * _SHARE_MIN:
        return ""
    return "VNI" if vni * 2 > tcvn3 else "TCVN3"
