"""Passwords that everybody tries first: the list that zxcvbn keeps, and Vietnamese words it lacks. Pure.

The list (30,000, by how often they were found in leaks) is large and rarely asked for, so it is loaded when needed.
"""

import importlib
from collections.abc import Iterable
from functools import lru_cache

from app.vn.text import fold

#: What people here put before their digits.
WORDS = frozenset(
    {
        "abc", "abcabc", "abcd", "admin", "administrator", "anhyeuem", "asdfgh", "canbo", "chokhongtienmat",
        "choso", "doanthanhnien", "emyeuanh", "hanoi", "iloveyou", "khongbiet", "khongco", "matkhau",
        "mobifone", "password", "quantri", "qwerty", "qwertyui", "saigon", "test", "thanhnien", "tinhnguyen",
        "tphcm", "ubnd", "user", "vietnam", "vietnamvodich", "viettel", "vinaphone", "vnpt", "xaphuong",
    }
)  # fmt: skip


def is_common(password: str) -> bool:
    """Whether this is among what a thief tries first, whatever its case and accents, with or without digits around.

    >>> is_common("password1"), is_common("Mật-khẩu 2026!"), is_common("một câu chỉ mình tôi nhớ")
    (True, True, False)
    """
    plain, core = fold(password), _core(password)
    return plain in _list() or core in WORDS or core in _list() or plain.replace(" ", "").isdecimal()


def names_somebody(password: str, own: Iterable[str]) -> bool:
    """Whether it is one of these names or phones, or a part of one, with or without digits around it.

    >>> names_somebody("lan.camtan1", ["lan.camtan"]), names_somebody("0987654321a", ["+84987654321"])
    (True, True)
    """
    core, digits = _core(password), "".join(filter(str.isdecimal, password))
    for name in own:
        folded = fold(name)
        parts = {"".join(filter(str.isalnum, folded)), *"".join(c if c.isalnum() else " " for c in folded).split()}
        phone = "".join(filter(str.isdecimal, name))[-9:]
        if core and core in {part.strip("0123456789") for part in parts}:
            return True
        if len(phone) == 9 and phone in digits:  # noqa: PLR2004 - a phone number without its zero
            return True
    return False


def _core(password: str) -> str:
    """Its letters, where nothing but digits and signs stands around or between them."""
    return "".join(filter(str.isalpha, fold(password)))


@lru_cache(maxsize=1)
def _list() -> frozenset[str]:
    return frozenset(importlib.import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS["passwords"])
