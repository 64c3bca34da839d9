"""The list of a provider's own merchants as a workbook: what its page shows, and who took it out when."""

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

from app.actors import Actor
from app.approval.rules import STATES
from app.audit.actions import record
from app.qr import bank_name
from app.registry.queries.providers import ProviderFilter, provider_merchants, provider_names
from app.registry.rules.rights import masked_account
from app.registry.rules.stages import STAGES
from app.tables import Cell, Sheet, write_xlsx
from app.vn.dates import format_datetime

HEADING = ("Mã hồ sơ", "Họ tên", "Tên cửa hàng", "Địa bàn", "Ngân hàng", "Tài khoản", "Tình trạng", "Điểm", "Chặng")
NOTE = "Chỉ các hộ đã đồng ý chia sẻ với đơn vị thanh toán. Chứa dữ liệu cá nhân: xoá khi xong việc."


def provider_book(actor: Actor, now: datetime, wanted: ProviderFilter) -> bytes:
    """The filtered list; that it was taken out is written down."""
    rows = list(_rows(actor, now, wanted))
    after = {"rows": len(rows), "q": wanted.q, "providers": provider_names(actor)}
    record(actor, now, "merchant.export", ("merchant_list", "provider"), after=after)
    about: list[list[Cell]] = [
        ["Người xuất", actor.name],
        ["Xuất lúc", format_datetime(now)],
        ["Số dòng", len(rows)],
        ["Lưu ý", NOTE],
    ]
    stream = BytesIO()
    write_xlsx(stream, [Sheet("Hộ của đơn vị", HEADING, rows), Sheet("Về tệp này", ["", ""], about)])
    return stream.getvalue()


def _rows(actor: Actor, now: datetime, wanted: ProviderFilter) -> Iterator[list[Cell]]:
    """One row an account."""
    for each in provider_merchants(actor, wanted, now):
        points = ", ".join(point.code for point in each.points)
        for account in each.accounts:
            yield [
                each.merchant.code,
                each.merchant.holder_name,
                each.merchant.shop_name,
                each.unit,
                bank_name(account.bank_bin) if account.bank_bin else account.provider,
                masked_account(account.account_number),
                STATES[account.state],
                points,
                STAGES[each.stage],
            ]
