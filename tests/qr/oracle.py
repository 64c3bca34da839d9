"""A second opinion on which payloads may be used: patterns written from the standards, none of the room's code."""

import re

ASCII = r"[ -~]"
AMOUNT = r"(?=.{1,13}$)(?=.*[1-9])[0-9]+(\.[0-9]*)?"
ROOT = {
    "00": "01",
    "01": "1[12]",
    "52": "[0-9]{4}",
    "53": "[0-9]{3}",
    "54": AMOUNT,
    "55": "0[123]",
    "56": AMOUNT,
    "57": r"(?=.{1,5}$)(?=.*[1-9])[0-9]{1,2}(\.[0-9]{0,2})?",
    "58": "[A-Za-z]{2}",
    "61": ".{1,10}",
    **{f"{tag:02d}": f"{ASCII}+" for tag in range(2, 26)},
}
ADDITIONAL = {f"{tag:02d}": ".{1,25}" for tag in range(1, 8)} | {"09": r"(?!.*(.).*\1)[AME]{1,3}"}
LANGUAGE = {"00": "[A-Za-z]{2}", "01": ".{1,25}", "02": ".{1,15}"}
FOREIGN = {"KH", "TH", "ID", "LA", "SG", "MY", "BR"}


def covers(text: str) -> bool:
    """Whether tags, lengths and values cover the text exactly."""
    while text:
        head = re.match(r"[0-9]{2}([0-9]{2})", text, re.ASCII)
        if head is None or len(text) < 4 + int(head[1]):
            return False
        text = text[4 + int(head[1]) :]
    return True


def fields(text: str, *, is_root: bool = False) -> dict[str, str] | None:
    """Tags and values if they cover the text, each tag once and none empty (of the root's, 80-99 may be); else None."""
    found: dict[str, str] = {}
    while text:
        head = re.match(r"([0-9]{2})([0-9]{2})", text, re.ASCII)
        if head is None:
            return None
        tag, length = head[1], int(head[2])
        value, text = text[4 : 4 + length], text[4 + length :]
        if tag in found or len(value) != length or not (value or tag == "62" or (is_root and tag >= "80")):
            return None
        found[tag] = value
    return found


def checksum(text: str) -> str:
    register = 0xFFFF
    for bit in "".join(f"{byte:08b}" for byte in text.encode()):
        register = (register << 1) ^ (0x1021 if (register >> 15) ^ int(bit) else 0)
        register &= 0xFFFF
    return f"{register:04X}"


def matches(found: dict[str, str], patterns: dict[str, str]) -> bool:
    return all(re.fullmatch(patterns[tag], value, re.DOTALL) for tag, value in found.items() if tag in patterns)


def acceptable(text: str, *, long_names: bool) -> bool:
    """Whether the payload may be used; `long_names`: the scheme's codes carry longer names in real life."""
    root = None if re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text) else fields(text, is_root=True)
    return (
        bool(root)
        and root is not None
        and framed(text, root)
        and matches(root, ROOT)
        and consistent(root, long_names=long_names)
        and templates_acceptable(root)
    )


def framed(text: str, root: dict[str, str]) -> bool:
    """00 first, 63 last with the sum of everything before it."""
    ends = text.startswith("0002") and text[-8:-4] == "6304" and list(root)[-1] == "63"
    return ends and text[-4:].upper() == checksum(text[:-4])


def consistent(root: dict[str, str], *, long_names: bool) -> bool:
    """What must be there is there, and fields do not contradict each other."""
    present = {"53", "58"} <= set(root) and any("02" <= tag <= "51" for tag in root)
    tip = root.get("55")
    tips = ("56" in root) == (tip == "02") and ("57" in root) == (tip == "03")
    names = long_names or (len(root.get("59", "")) <= 25 and len(root.get("60", "")) <= 15)
    amount = root.get("53") != "704" or re.fullmatch(r"0*[1-9][0-9]*(\.0{0,2})?", root.get("54", "1"))
    return bool(present and tips and names and amount)


def templates_acceptable(root: dict[str, str]) -> bool:
    for tag, value in root.items():
        if "26" <= tag <= "51" and not account_acceptable(tag, value, root):
            return False
        if tag >= "80" and re.match("00[0-9]{2}", value, re.ASCII) and covers(value) and fields(value) is None:
            return False
    extra = fields(root.get("62", ""))
    if extra is None or not matches(extra, ADDITIONAL) or ("62" in root and not all(extra.values())):
        return False
    if any(tag >= "50" and inner[:2] == "00" and covers(inner) and not plain(inner) for tag, inner in extra.items()):
        return False
    language = fields(root["64"]) if "64" in root else {"00": "VI", "01": "A"}
    return (
        language is not None
        and all(language.values())
        and {"00", "01"} <= set(language)
        and matches(language, LANGUAGE)
    )


def plain(text: str) -> bool:
    """Whether the text is a template without empty children."""
    found = fields(text)
    return found is not None and all(found.values())


def account_acceptable(tag: str, value: str, root: dict[str, str]) -> bool:
    template = fields(value)
    if template is None or not all(template.values()) or not 0 < len(template.get("00", "")) <= 32:
        return False
    if tag != "38" or template["00"].upper() != "A000000727":
        return True
    payee = fields(template.get("01", ""))
    if payee is None or not all(payee.values()) or root["53"] != "704":
        return False
    return bool(
        re.fullmatch("[0-9]{6}", payee.get("00", "")) and re.fullmatch(r"[\x00-\x7f]{1,19}", payee.get("01", ""))
    )


def beneficiary(text: str) -> tuple[str, str] | None:
    """Bank id and account of an acceptable VietQR payload, else None."""
    template = fields((fields(text, is_root=True) or {}).get("38", "")) or {}
    payee = fields(template.get("01", "")) if template.get("00", "").upper() == "A000000727" else None
    return (payee["00"], payee["01"]) if payee else None
