"""The gate: a lot whose finished file does not say exactly what the registry says is not handed over."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.paper import gate as instruments
from app.paper.areas import marked_areas
from app.paper.gate import Expected, Found, Seen
from app.paper.legibility import CONTRAST_LEAST
from app.paper.preflight import Flaw, inspect
from app.printing.contents import quoted
from app.printing.designs import Design
from app.printing.orders import Piece

MODULE_SLACK = 0.06
"""A symbol measured on the raster may seem this share smaller than it is."""
OFF_MM, OFF_MODULES = 0.5, 0.75
"""How far a symbol may lie from its place: what the raster cannot tell."""
MARGIN = 0
"""The cell of what stands beside the pieces."""
REPORT_EVERY = 200
LONG_SHEETS = 3000
RATIO_SLACK = 0.01
"""By how much a share of the area may differ from what was agreed."""
STRAY_SHOWN_MAX = 40
OWNERS = {"provider": "đơn vị thanh toán", "commune": "xã"}


@dataclass(frozen=True, slots=True)
class Failure:
    """One reason why the lot is withheld; sheet and cell 0 where it is not one piece's."""

    sheet: int
    cell: int
    point_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was read on some sheets of the finished file."""

    items: int
    codes: int
    codes_right: int
    sheet_codes_right: int
    read_back: int
    least_module_mm: float
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What the gate saw: how many codes there must be, how many said what they must, and every fault."""

    items: int
    codes: int
    codes_right: int
    read_back: int
    """Pieces without a fault: codes and texts say what they must, where they must."""
    failures: tuple[Failure, ...]
    least_module_mm: float
    areas: dict[str, int]
    sheet_codes: int = 0
    """Codes of whole sheets in the margin, all read back too."""

    @property
    def passed(self) -> bool:
        """Whether the lot may be handed over."""
        return not self.failures


@dataclass(frozen=True, slots=True)
class Measure:
    """Against what a lot is held."""

    pieces: Mapping[tuple[int, int], str]
    """Sheet and cell -> the point's code."""
    owners: Mapping[str, tuple[int, int]]
    """What a code says -> where it belongs."""
    floor_mm: float
    """The smallest module from which the design is still scanned at its distance."""


def measure_of(design: Design, sheet: str, pieces: Sequence[Piece]) -> Measure:
    """The measure of a lot."""
    owners = {code: (piece.sheet, piece.cell) for piece in pieces for code in piece.codes}
    codes = {(piece.sheet, piece.cell): piece.point.point_code for piece in pieces}
    return Measure(codes, owners, design.floor_mm(sheet))


def read_sheets(
    pdf: Path, expected: Sequence[Expected], measure: Measure, tell: Callable[[int], None] = lambda _done: None
) -> Verdict:
    """Read every code and name of these sheets back from the finished file; `tell` hears how many places are done."""
    failures: list[Failure] = []
    items = codes = right = sheets_right = whole = 0
    least = 0.0
    for done, seen in enumerate(instruments.read_back(pdf, expected), start=1):
        want = seen.expected
        code = measure.pieces.get((want.sheet, want.cell), "")
        said = [found.text == found.mark.payload for found in seen.found]
        reasons = list(_margin_reasons(seen) if want.cell == MARGIN else _reasons(seen, measure))
        failures.extend(Failure(want.sheet, want.cell, code, reason) for reason in reasons)
        if want.cell == MARGIN:
            sheets_right += sum(said)
            continue
        items, codes, right = items + 1, codes + len(said), right + sum(said)
        whole += not reasons
        for found in seen.found:
            least = min(least or found.module_mm, found.module_mm)
        if done % REPORT_EVERY == 0:
            tell(done)
    return Verdict(items, codes, right, sheets_right, whole, least, tuple(failures))


def conclude(
    pdf: Path,
    design: Design,
    sheet: str,
    verdicts: Sequence[Verdict],
    parts: Sequence[Path] = (),
) -> Report:
    """All verdicts together, with what a print shop would stumble over in the file as a whole."""
    failures = [failure for verdict in verdicts for failure in verdict.failures]
    failures.extend(Failure(flaw.sheet, 0, "", flaw.reason) for flaw in _flaws(pdf, parts))
    areas = {owner: round(mm2 / design.scale_on(sheet) ** 2) for owner, mm2 in _areas(pdf, design).items()}
    failures.extend(Failure(1, 0, "", reason) for reason in _ratio(design, areas))
    modules = [verdict.least_module_mm for verdict in verdicts if verdict.least_module_mm]
    return Report(
        items=sum(verdict.items for verdict in verdicts),
        codes=sum(verdict.codes for verdict in verdicts),
        codes_right=sum(verdict.codes_right for verdict in verdicts),
        read_back=sum(verdict.read_back for verdict in verdicts),
        failures=tuple(failures),
        least_module_mm=round(min(modules, default=0.0), 3),
        areas=areas,
        sheet_codes=sum(verdict.sheet_codes_right for verdict in verdicts),
    )


def check(
    pdf: Path,
    design: Design,
    sheet: str,
    expected: Sequence[Expected],
    pieces: Sequence[Piece],
    parts: Sequence[Path] = (),
    on_progress: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> Report:
    """A file read in one go."""
    measure = measure_of(design, sheet, pieces)
    verdict = read_sheets(pdf, expected, measure, lambda done: on_progress("kiểm", done, len(expected)))
    return conclude(pdf, design, sheet, [verdict], parts)


def _flaws(pdf: Path, parts: Sequence[Path]) -> Iterator[Flaw]:
    """What a print shop would stumble over.

    qpdf keeps a whole file's table of objects; so a very long lot is looked at part by part, in the files that were put
    together unchanged, and the finished file must have as many pages.
    """
    sheets = instruments.pages_in(pdf)
    if sheets <= LONG_SHEETS or not parts:
        yield from inspect(pdf)
        return
    before = 0
    for part in parts:
        yield from inspect(part, before=before, finished=False)
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


def _stray_reasons(seen: Seen) -> Iterator[str]:
    for stray in seen.stray:
        place = f"cách mép trái {stray.x:.0f} mm, mép trên {stray.y:.0f} mm"
        yield (
            f"có thêm một mã QR không phải của ấn phẩm này ({place}): {stray.text[:STRAY_SHOWN_MAX]!r}; "
            "hãy xem lại biểu trưng và mẫu in"
        )


def _reasons(seen: Seen, measure: Measure) -> Iterator[str]:
    yield from _stray_reasons(seen)
    for found in seen.found:
        yield from _code_reasons(found, measure)
    if seen.faint:
        yield (
            f"chữ {seen.faint[0]!r} không nổi trên nền (tương phản dưới {CONTRAST_LEAST:g}): có hình đè lên; "
            "hãy xem lại biểu trưng và chủ đề"
        )
    if seen.missing:
        missing = quoted(seen.missing[0], [found.mark.payload for found in seen.found])
        yield f"không thấy chữ {missing!r} ở ô này trên trang đã in"


def _code_reasons(found: Found, measure: Measure) -> Iterator[str]:
    if found.text is None:
        yield "không đọc được mã QR ở vị trí này trên trang đã in"
        return
    if found.text != found.mark.payload:
        owner = measure.owners.get(found.text)
        if owner is None:
            yield "mã QR đọc được khác với dữ liệu của điểm"
        else:
            yield f"mã QR ở đây là của điểm {measure.pieces.get(owner, '')} (tờ {owner[0]}, ô {owner[1]})"
    if found.off_mm > max(OFF_MM, OFF_MODULES * found.module_mm):
        yield f"mã QR lệch {found.off_mm:.1f} mm so với chỗ của nó trong ô"
    elif not found.quiet_clear:
        yield "lề trắng quanh mã QR hẹp hơn 4 ô"
    if found.module_mm < measure.floor_mm * (1 - MODULE_SLACK):
        yield f"ô mã {found.module_mm:.2f} mm, nhỏ hơn mức {measure.floor_mm:.2f} mm cần cho khoảng cách quét"


def _margin_reasons(seen: Seen) -> Iterator[str]:
    yield from _stray_reasons(seen)
    for found in seen.found:
        if found.text != found.mark.payload:
            yield "mã của tờ ở lề không đọc được hoặc sai"
        elif not found.quiet_clear:
            yield "lề trắng quanh mã của tờ hẹp hơn 4 ô"
