"""The gate: a lot whose finished file does not say exactly what the registry says is not handed over."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.paper import gate as instruments
from app.paper.areas import marked_areas
from app.paper.gate import Expected, Flaw, Found
from app.printing.designs import Design
from app.printing.orders import Piece

MODULE_SLACK = 0.06
"""A symbol measured on the raster may seem this share smaller than it is."""
WIDE_PER_METRE = 2.7
"""Millimetres of module a symbol of 37 modules needs per metre of scanning distance, in good light."""
REPORT_EVERY = 200
LONG_SHEETS = 3000
RATIO_SLACK = 0.01
"""By how much a share of the area may differ from what was agreed."""
OWNERS = {"provider": "đơn vị thanh toán", "commune": "xã"}


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason why the lot is withheld; sheet and cell 0 where it is not one piece's."""

    sheet: int
    cell: int
    point_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Report:
    """What the gate saw: how many codes there must be, how many said what they must, and every fault."""

    items: int
    codes: int
    codes_right: int
    read_back: int
    """Pieces whose codes all said what they must."""
    failures: tuple[Failure, ...]
    least_module_mm: float
    areas: dict[str, int]

    @property
    def passed(self) -> bool:
        """Whether the lot may be handed over."""
        return not self.failures


def check(
    pdf: Path,
    design: Design,
    sheet: str,
    expected: Sequence[Expected],
    pieces: Sequence[Piece],
    parts: Sequence[Path] = (),
    on_progress: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> Report:
    """Read every code back from the finished file and look at all that a print shop would stumble over."""
    codes = {(piece.sheet, piece.cell): piece.point.point_code for piece in pieces}
    owners = _owners(expected, codes)
    floor = design.least_module_mm * min(1.0, design.scale_on(sheet))
    failures: list[Failure] = []
    wrong: set[tuple[int, int]] = set()
    right, least = 0, 0.0
    for done, found in enumerate(instruments.read_back(pdf, expected), start=1):
        place = (found.expected.sheet, found.expected.cell)
        failures.extend(Failure(*place, codes[place], reason) for reason in _reasons(found, floor, owners))
        if found.text == found.expected.payload:
            right += 1
        else:
            wrong.add(place)
        least = min(least or found.module_mm, found.module_mm)
        if done % REPORT_EVERY == 0:
            on_progress("kiểm", done, len(expected))
    failures.extend(Failure(flaw.sheet, 0, "", flaw.reason) for flaw in _flaws(pdf, parts))
    areas = {owner: round(mm2 / design.scale_on(sheet) ** 2) for owner, mm2 in _areas(pdf, design).items()}
    failures.extend(Failure(1, 0, "", reason) for reason in _ratio(design, areas))
    return Report(len(pieces), len(expected), right, len(pieces) - len(wrong), tuple(failures), round(least, 3), areas)


def _flaws(pdf: Path, parts: Sequence[Path]) -> Iterator[Flaw]:
    """What a print shop would stumble over.

    qpdf keeps a whole file's table of objects; so a very long lot is looked at part by part, in the files that were put
    together unchanged, and the finished file must have as many pages.
    """
    sheets = instruments.pages_in(pdf)
    if sheets <= LONG_SHEETS or not parts:
        yield from instruments.inspect(pdf)
        return
    before = 0
    for part in parts:
        yield from instruments.inspect(part, before=before, finished=False)
        before += instruments.pages_in(part)
    if before != sheets:
        yield Flaw(0, f"tệp có {sheets} tờ, phải có {before}")


def _areas(pdf: Path, design: Design) -> dict[str, float]:
    return marked_areas(pdf) if design.ratio else {}


def _ratio(design: Design, areas: dict[str, int]) -> Iterator[str]:
    """Whether the finished page gives each owner the share that was agreed."""
    if not design.ratio:
        return
    whole, parts = sum(areas.values()), sum(design.ratio.values())
    for owner, share in design.ratio.items():
        agreed, found = share / parts, areas.get(owner, 0) / whole if whole else 0.0
        if abs(found - agreed) > RATIO_SLACK:
            yield f"phần của {OWNERS[owner]} chiếm {found:.1%} diện tích, thoả thuận là {agreed:.1%}"


def _owners(expected: Sequence[Expected], codes: dict[tuple[int, int], str]) -> dict[str, str]:
    """Payload -> whose it is, to say whose code stands in the wrong place."""
    return {want.payload: f"{codes[want.sheet, want.cell]} (tờ {want.sheet}, ô {want.cell})" for want in expected}


def _reasons(found: Found, floor_mm: float, owners: dict[str, str]) -> Iterator[str]:
    want = found.expected
    if found.text is None:
        yield "không đọc được mã QR ở vị trí này trên trang đã in"
        return
    if found.text != want.payload:
        owner = owners.get(found.text)
        yield f"mã QR ở đây là của điểm {owner}" if owner else "mã QR đọc được khác với dữ liệu của điểm"
    if not found.quiet_clear:
        yield "lề trắng quanh mã QR hẹp hơn 4 ô"
    if found.module_mm < floor_mm * (1 - MODULE_SLACK):
        yield f"ô mã {found.module_mm:.2f} mm, nhỏ hơn mức {floor_mm:.2f} mm cần cho khoảng cách quét"
