"""What can be done to many merchants at once. Pure."""

from dataclasses import dataclass
from typing import Final

from app.registry.rules.rights import EDITORS, KEEPERS, RECORDERS
from app.registry.rules.stages import CHECKED, INSTALLED, MILESTONES, STOPPED, SURVEYED, TRAINED


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act: its words in a menu, who may do it, whether it wants a value or a reason."""

    kind: str
    label: str
    group: str
    roles: tuple[str, ...]
    asks: str = ""  #: the field the question asks for: line, unit, zone, reason
    leads_away: bool = False  #: nothing is changed: it leads to a file or to the print order


_MARKS: Final = (SURVEYED, INSTALLED, TRAINED, CHECKED)
ACTS: Final = {
    act.kind: act
    for act in (
        *(Act(kind, f"Ghi mốc: {MILESTONES[kind]}", "Ghi mốc hôm nay", RECORDERS) for kind in _MARKS),
        Act("line", "Đặt ngành hàng", "Sửa hồ sơ", EDITORS, "line"),
        Act("unit", "Chuyển về thôn, xóm", "Sửa hồ sơ", EDITORS, "unit"),
        Act("zone", "Đưa điểm bán vào khu vực", "Sửa hồ sơ", EDITORS, "zone"),
        Act(STOPPED, "Dừng, ghi lý do", "Sửa hồ sơ", EDITORS, "reason"),
        Act("print", "In bảng QR", "Lấy ra", KEEPERS, leads_away=True),
        Act("export", "Xuất ra tệp", "Lấy ra", KEEPERS, leads_away=True),
    )
}
#: Milestones among them.
MARKS: Final = frozenset({*_MARKS, STOPPED})
#: So many are done while the person waits; more go to the background.
AT_ONCE_MAX: Final = 300
#: Reasons told on the page; the rest is counted.
REFUSED_TOLD: Final = 50
