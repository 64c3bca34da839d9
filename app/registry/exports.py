"""The list as a file: XLSX for people, CSV for `choso print` and `choso map`, GeoJSON and KML for maps.

One row a point. Account and payload stand there only where they may be printed now: a file is no way around the second
person. Every file says who took it out and when, in each row where the format has rows; the number of rows is
written down and stands in the file. Whoever withdrew the consent to be recorded is left out.
"""

import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from xml.sax.saxutils import escape

from flask import Response, stream_with_context
from sqlalchemy import select

from app.actors import Actor
from app.approval.rules import PROPOSED
from app.audit.actions import record
from app.audit.queries import chain_head
from app.db import db
from app.errors import NotFoundError, RefusedError
from app.places.models import Unit, Zone
from app.registry.models import Consent, Merchant, PaymentAccount, Point, PointState
from app.registry.queries.merchants import MerchantFilter, merchant_ids
from app.registry.queries.printable import PointFilter, PrintableRow, printable
from app.registry.rules.rights import masked_account
from app.registry.rules.stages import STAGES
from app.tables import Cell, Sheet, csv_text, write_xlsx
from app.vn.dates import format_datetime, local_date
from app.vn.phones import format_phone
from app.web.downloads import MIME, download

#: Format -> what the menu says.
FORMATS = {
    "xlsx": ("Excel (XLSX)", "mở bằng Excel, nhập lại được"),
    "csv": ("Dữ liệu (CSV)", "dùng cho choso print, choso map"),
    "geojson": ("GeoJSON", "bản đồ GIS"),
    "kml": ("KML", "Google Earth"),
}
CHUNK = 500
#: So much of the chain's last hash stands in a file: enough to hold against the chain, short enough to type.
HEAD_DIGITS = 16

#: Column of the CSV (CONTRACT, data files) -> heading of the workbook, which an import understands.
COLUMNS = {
    "merchant_code": "Mã hồ sơ",
    "external_id": "Mã hộ",
    "holder_name": "Họ tên",
    "shop_name": "Tên cửa hàng",
    "phone": "Số điện thoại",
    "bank": "Ngân hàng",
    "bank_bin": "BIN",
    "account_number": "Số tài khoản",
    "waiting": "Tài khoản chờ duyệt",
    "payload": "Nội dung QR",
    "zone": "Chợ",
    "row": "Dãy",
    "stall": "Số quầy",
    "point_code": "Mã điểm",
    "hamlet": "Địa bàn",
    "address": "Địa chỉ",
    "line_of_business": "Ngành hàng",
    "stage": "Chặng",
    "lat": "Vĩ độ",
    "lng": "Kinh độ",
    "exported_by": "Người xuất",
    "exported_at": "Xuất lúc",
}
ONLY_IN_BOOK = ("bank", "waiting", "hamlet", "address")
ONLY_IN_DATA = ("payload",)


@dataclass(frozen=True, slots=True)
class _Mark:
    """Who takes the file out, and when: its watermark."""

    name: str
    at: str
    chain: str  #: where the audit ended then, for holding against it later

    @property
    def sentence(self) -> str:
        return f"{self.name} xuất lúc {self.at}. Chứa dữ liệu cá nhân: chỉ dùng cho chương trình, xoá khi xong việc."


def export_file(actor: Actor, now: datetime, wanted: MerchantFilter, format_name: str) -> Response:
    """The filtered list in this format. Raises NotFoundError for a format there is none of."""
    if format_name not in FORMATS:
        raise NotFoundError("Không có dạng tệp này.")
    name = f"ho-kinh-doanh-{local_date(now):%Y%m%d}.{format_name}"
    records, mark, rows = _taken_out(actor, now, wanted, format_name)
    if format_name == "xlsx":
        with tempfile.TemporaryFile() as stream:
            _workbook(stream, records, mark, rows)
            stream.seek(0)
            return download(stream.read(), name)
    makers = {"csv": _csv, "geojson": _geojson, "kml": _kml}
    response = Response(stream_with_context(makers[format_name](records, mark, rows)), mimetype=MIME[f".{format_name}"])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Row-Count"] = str(rows)
    return response


def write_export(actor: Actor, now: datetime, wanted: MerchantFilter, target: Path) -> int:
    """The filtered list as a file, XLSX or CSV by its name; how many rows. Raises RefusedError for another kind."""
    kind = target.suffix.lower().removeprefix(".")
    if kind not in {"xlsx", "csv"}:
        raise RefusedError(f"{target.name}: chỉ xuất được XLSX hoặc CSV.", remedy="Hãy đặt tên tệp .xlsx hoặc .csv.")
    records, mark, rows = _taken_out(actor, now, wanted, kind)
    with target.open("wb") as stream:
        if kind == "xlsx":
            _workbook(stream, records, mark, rows)
        else:
            stream.writelines(part.encode() for part in _csv(records, mark, rows))
    return rows


def _taken_out(
    actor: Actor, now: datetime, wanted: MerchantFilter, kind: str
) -> tuple[Iterator[dict[str, Cell]], _Mark, int]:
    """The rows, who takes them out and how many there are; the taking is written down first."""
    ids = _consenting(merchant_ids(actor, wanted))
    rows = _row_count(ids)
    head = chain_head()  # as committed, before this very act
    after = {"merchants": len(ids), "rows": rows, "q": wanted.q, "stages": list(wanted.stages)}
    record(actor, now, "merchant.export", ("merchant_list", kind), after=after)
    mark = _Mark(actor.name, format_datetime(now), f"{head.events}:{head.hash[:HEAD_DIGITS]}")
    return _records(ids, mark, now), mark, rows


def _consenting(ids: Sequence[int]) -> list[int]:
    """Without those whose last word on being recorded was no."""
    query = select(Consent.merchant_id, Consent.withdrawn_at).where(Consent.purpose == "register").order_by(Consent.id)
    last = {row[0]: row[1] for row in db.session.execute(query)}
    return [merchant_id for merchant_id in ids if last.get(merchant_id) is None]


def _row_count(ids: Sequence[int]) -> int:
    return sum(len(_points(ids[start : start + CHUNK])) for start in range(0, len(ids), CHUNK))


def _points(ids: Sequence[int]) -> Sequence[tuple[int, Point, str | None, Unit, str]]:
    query = (
        select(PointState.merchant_id, Point, Zone.name, Unit, PointState.stage)
        .join(Point, Point.id == PointState.point_id)
        .join(Unit, Unit.id == Point.unit_id)
        .outerjoin(Zone, Zone.id == Point.zone_id)
        .where(PointState.merchant_id.in_(ids))
        .order_by(Point.id)
    )
    found = db.session.execute(query)
    return [(holder or 0, point, zone, unit, stage) for holder, point, zone, unit, stage in found]


def _records(ids: Sequence[int], mark: _Mark, now: datetime) -> Iterator[dict[str, Cell]]:
    """Row by row, a chunk of merchants at a time, in the order of the list."""
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        merchants = {each.id: each for each in db.session.scalars(select(Merchant).where(Merchant.id.in_(chunk)))}
        printed = {row.point_id: row for row in printable(PointFilter(merchant_ids=chunk), now)[0]}
        waiting = _waiting(chunk)
        places = {merchant_id: at for at, merchant_id in enumerate(chunk)}
        for merchant_id, point, zone, unit, stage in sorted(_points(chunk), key=lambda each: places[each[0]]):
            merchant = merchants[merchant_id]
            yield {
                **_place(point, zone or "", unit, stage),
                **_person(merchant),
                **_account(printed.get(point.id)),
                "waiting": masked_account(waiting.get(merchant_id, "")),
                "exported_by": mark.name,
                "exported_at": mark.at,
            }
        db.session.expunge_all()


def _waiting(ids: Sequence[int]) -> dict[int, str]:
    query = select(PaymentAccount.merchant_id, PaymentAccount.account_number).where(
        PaymentAccount.merchant_id.in_(ids), PaymentAccount.state == PROPOSED
    )
    return {row[0]: row[1] for row in db.session.execute(query)}


def _person(merchant: Merchant) -> dict[str, Cell]:
    return {
        "merchant_code": merchant.code,
        "external_id": "" if (merchant.external_id or "=").startswith("=") else merchant.external_id or "",
        "holder_name": merchant.holder_name,
        "shop_name": merchant.shop_name,
        "phone": format_phone(merchant.phone) if merchant.phone else "",
        "line_of_business": merchant.line_of_business,
    }


def _place(point: Point, zone: str, unit: Unit, stage: str) -> dict[str, Cell]:
    return {
        "zone": zone,
        "row": point.row,
        "stall": point.stall_text or point.code,
        "point_code": point.code,
        "hamlet": unit.title,
        "address": point.place,
        "stage": stage,
        "lat": "" if point.lat is None else point.lat,
        "lng": "" if point.lng is None else point.lng,
    }


def _account(printed: PrintableRow | None) -> dict[str, Cell]:
    if printed is None:
        return {"bank": "", "bank_bin": "", "account_number": "", "payload": ""}
    return {
        "bank": printed.bank_name,
        "bank_bin": printed.bank_bin,
        "account_number": printed.account_number,
        "payload": printed.payload.decode("utf-8", "replace"),
    }


def _workbook(stream: BinaryIO, records: Iterable[Mapping[str, Cell]], mark: _Mark, rows: int) -> None:
    table = ([STAGES[str(each[key])] if key == "stage" else each[key] for key in COLUMNS] for each in records)
    about: list[list[Cell]] = [
        ["Người xuất", mark.name],
        ["Xuất lúc", mark.at],
        ["Số dòng", rows],
        ["Mã cuối nhật ký", mark.chain],
        ["Lưu ý", mark.sentence],
    ]
    write_xlsx(stream, [Sheet("Hộ kinh doanh", list(COLUMNS.values()), table), Sheet("Về tệp này", ["", ""], about)])


def _csv(records: Iterable[Mapping[str, Cell]], mark: _Mark, rows: int) -> Iterator[str]:
    del mark, rows  # in each row, and in the number of rows
    columns = [column for column in COLUMNS if column not in ONLY_IN_BOOK]
    yield csv_text(columns, [], bom=True)
    for each in records:
        yield csv_text([], [[each[column] for column in columns]]).removeprefix("\n")


def _geojson(records: Iterable[Mapping[str, Cell]], mark: _Mark, rows: int) -> Iterator[str]:
    head = {"exported_by": mark.name, "exported_at": mark.at, "note": mark.sentence, "rows": rows}
    head |= {"audit_head": mark.chain}
    yield json.dumps({"type": "FeatureCollection", **head}, ensure_ascii=False)[:-1] + ', "features": [\n'
    before = ""
    for each in records:
        located = each["lat"] != ""
        feature = {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [each["lng"], each["lat"]]} if located else None,
            "properties": {key: value for key, value in each.items() if key not in {"lat", "lng"}},
        }
        yield before + json.dumps(feature, ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


def _kml(records: Iterable[Mapping[str, Cell]], mark: _Mark, rows: int) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
    yield f"<name>Hộ kinh doanh ({rows} điểm)</name><description>{escape(mark.sentence)} "
    yield f"Mã cuối nhật ký {mark.chain}.</description>\n"
    for each in records:
        title = str(each["shop_name"] or each["holder_name"])
        text = f"{each['point_code']} · {each['zone']} · {STAGES[str(each['stage'])]}"
        where = f"<Point><coordinates>{each['lng']},{each['lat']}</coordinates></Point>" if each["lat"] != "" else ""
        yield f"<Placemark><name>{escape(title)}</name><description>{escape(text)}</description>{where}</Placemark>\n"
    yield "</Document></kml>\n"
