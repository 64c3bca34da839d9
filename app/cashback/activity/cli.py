"""`choso cashback activity`: which points are really used, and what to look at, from report files."""

from datetime import datetime
from pathlib import Path

import click

from app.cashback.activity.checking import check_activity
from app.cashback.activity.rules import ActivityRules, is_active
from app.cashback.activity.writing import write_findings

FILE = click.Path(readable=False, path_type=Path)


@click.command("activity")
@click.option("--report", "reports", required=True, multiple=True, type=FILE, help="Báo cáo giao dịch CSV/XLSX.")
@click.option("--related", type=FILE, help="Chủ, nhân viên, người nhà (cột merchant, customer, relation).")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Ngày cuối của kỳ; mặc định ngày cuối trong báo cáo.")
@click.option("--floor", type=click.IntRange(0), default=ActivityRules().floor_vnd, show_default=True, help="Mức tính.")
@click.option("--out", required=True, type=FILE, help="Thư mục kết quả.")
@click.pass_context
def activity_command(
    ctx: click.Context, reports: tuple[Path, ...], related: Path | None, until: datetime | None, floor: int, out: Path
) -> None:
    """Điểm nào thật sự có khách trả, giao dịch nào không tính, và chỗ nào nên hỏi lại; không kết luận về ai."""
    rules = ActivityRules(floor_vnd=floor)
    found = check_activity(reports, related, until.date() if until else None, rules)
    write_findings(found, rules, out)
    active = sum(is_active(each, rules) for each in found.points)
    click.echo(
        f"{out}: {active} trên {len(found.points)} điểm hoạt động đến {found.last_day:%d/%m/%Y}; "
        f"{len(found.excluded)} giao dịch không tính, {len(found.flags)} chỗ nên xem lại."
    )
    if found.refused_count:
        click.echo(f"{found.refused_count} dòng của báo cáo bị từ chối.", err=True)
        ctx.exit(1)
