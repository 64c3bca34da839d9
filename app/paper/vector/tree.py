"""An SVG file as a tree of elements, with nothing in it that could grow: no entity, no depth, no end of elements."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from app.paper.measures import PaperError

SVG = "http://www.w3.org/2000/svg"
XLINK_HREF = "http://www.w3.org/1999/xlink}href"
XHTML = "http://www.w3.org/1999/xhtml"
DEPTH_MAX = 80
ELEMENTS_MAX = 20_000
GZIP = b"\x1f\x8b"


@dataclass(slots=True)
class Node:
    """One element: its SVG name (empty where it is of another vocabulary), attributes, children and text."""

    tag: str
    attributes: dict[str, str]
    children: list["Node"] = field(default_factory=list)
    text: str = ""

    def all(self) -> Iterator["Node"]:
        """It and everything in it."""
        yield self
        for child in self.children:
            yield from child.all()


def read_tree(data: bytes) -> Node:
    """The root of an SVG file; raises PaperError for what is none or could grow without end."""
    if data.startswith(GZIP):
        raise PaperError("tệp SVG bị nén (SVGZ); hãy lưu lại dạng SVG thường")
    growing = _Growing()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = growing.start
    parser.EndElementHandler = growing.end
    parser.CharacterDataHandler = growing.text
    parser.StartDoctypeDeclHandler = growing.doctype
    parser.EntityDeclHandler = growing.entity
    parser.SkippedEntityHandler = growing.entity
    parser.ProcessingInstructionHandler = growing.instruction
    try:
        parser.Parse(data, True)  # noqa: FBT003 -- expat's own
    except (expat.ExpatError, ValueError, LookupError) as error:
        if isinstance(error, PaperError):
            raise
        raise PaperError("không đọc được SVG (tệp hỏng); hãy xuất lại từ bản gốc") from error
    if growing.root is None or growing.root.tag != "svg":
        raise PaperError("không phải hình SVG đủ (thiếu xmlns?); hãy mở bằng Inkscape, lưu lại dạng Plain SVG")
    return growing.root


class _Growing:
    """The tree while it is read."""

    def __init__(self) -> None:
        self._open: list[Node] = []
        self._count = 0
        self.root: Node | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > ELEMENTS_MAX:
            raise PaperError(f"quá nhiều nét (trên {ELEMENTS_MAX}); hãy xin bản biểu trưng đơn giản")
        if len(self._open) >= DEPTH_MAX:
            raise PaperError("các nhóm lồng nhau quá sâu; hãy bỏ nhóm (Ungroup) rồi xuất lại")
        space, _, local = tag.rpartition("}")
        if space == XHTML:
            raise PaperError(f"có phần trang web (<{local}>); hãy xuất lại chỉ gồm nét vẽ")
        href = attributes.pop(XLINK_HREF, None)
        if href is not None:
            attributes.setdefault("href", href)
        node = Node(local if space == SVG else "", attributes)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        if self._open[-1].tag == "style":
            self._open[-1].text += data

    def doctype(self, _name: str, _system: str | None, _public: str | None, own: int) -> None:
        if own:
            self.entity()

    def entity(self, *_: object) -> None:
        raise PaperError(
            "tệp SVG không được có DOCTYPE riêng hay ENTITY; "
            "khi lưu từ Illustrator hãy bỏ chọn “Preserve Illustrator Editing Capabilities”"
        )

    def instruction(self, target: str, _data: str) -> None:
        if target == "xml-stylesheet":
            raise PaperError("kiểu (CSS) nằm ở tệp khác; hãy xuất với kiểu ghi ngay trong tệp")
