"""Whether a file that somebody sends can stand in a logo's places: read confined, seen on white, large enough."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from app.errors import RefusedError
from app.paper.colours import WHITE
from app.paper.logos import DPI, Logo, read_logo
from app.paper.measures import PaperError
from app.printing.artwork import logo_box
from app.printing.designs import Design
from app.printing.elements import Emblem
from app.printing.own_logos import Received
from app.printing.themes import OwnLogo

CONTRAST_LEAST = 3.0
"""WCAG 2.2, 1.4.11: below it a mark is not made out."""


def received(data: bytes, name: str, role: str, designs: Iterable[Design]) -> Received:
    """The file read and checked, before any transaction; raises RefusedError saying what must be sent instead."""
    try:
        logo = read_logo(data, name)
    except PaperError as error:
        raise RefusedError(f"Chưa nhận được {error}.") from error
    if logo.seen_on(WHITE) < CONTRAST_LEAST:
        raise RefusedError(f"{name}: màu quá nhạt, không thấy rõ trên nền trắng.", remedy="Xin bản dùng cho nền sáng.")
    widths = [wide for _, wide in widths_in(designs, logo, role)]
    if widths and logo.width_at_most_mm() < min(widths):
        raise RefusedError(
            f"{name}: ảnh rộng {logo.width:.0f} điểm chỉ in được rộng {_most(logo):.0f} mm, "
            f"chỗ nhỏ nhất trên ấn phẩm cần {min(widths):.0f} mm.",
            remedy="Xin bản SVG, PDF, hoặc PNG từ 1.000 điểm chiều rộng.",
        )
    return Received(logo, Path(name).suffix.lower(), data)


def note_on(logo: Logo, role: str, designs: Iterable[Design]) -> str:
    """How wide a picture is printed at its best, and where its name stands instead; "" for a drawing."""
    if logo.picture is None:
        return ""
    too_wide = dict.fromkeys(
        design.title for design, wide in widths_in(designs, logo, role) if wide > logo.width_at_most_mm()
    )
    more = f"; in tên thay trên: {', '.join(too_wide)}" if too_wide else ""
    return f"Ảnh {logo.width:.0f} điểm in đẹp tới rộng {_most(logo):.0f} mm{more}."


def widths_in(designs: Iterable[Design], logo: Logo, role: str) -> Iterator[tuple[Design, float]]:
    """How wide, in mm, the logo would stand in each of its places."""
    for design in designs:
        for element in design.elements:
            if isinstance(element, Emblem) and element.role == role:
                yield design, logo_box(element.box, OwnLogo(logo)).width


def _most(logo: Logo) -> float:
    return logo.width_at_most_mm(DPI)
