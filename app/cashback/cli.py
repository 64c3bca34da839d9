"""`choso cashback`: decide a report under policies, explain a decision, try a policy out."""

import importlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from app.cashback.evaluation import Task, evaluate, read_policies
from app.cashback.explanation import explain
from app.cashback.policy_file import read_policy
from app.cashback.results import Totals
from app.cashback.rules import Policy
from app.cashback.seeds import SEED_BYTES, chain_periods, hashed
from app.cashback.simulation import Outlook, simulate
from app.cashback.verification import Winner, published_hashes, verified_list, verified_winners
from app.cashback.wording import PARTIES, REASON_NAMES
from app.errors import RefusedError
from app.money import format_vnd
from app.tables import write_csv
from app.transactions.report_files import unread_sheets

FILE = click.Path(readable=False, path_type=Path)


#: Verbs whose documents and workbooks take time to load: only when asked for.
LATER = {
    "activity": "app.cashback.activity.cli:activity_command",
    "reconcile": "app.cashback.payouts.cli:reconcile_command",
}


class _Verbs(click.Group):
    """The verbs here, and those that are loaded when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs, sorted."""
        return sorted([*super().list_commands(ctx), *LATER])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name not in LATER:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = LATER[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=_Verbs)
def cashback() -> None:
    """Hoàn tiền: xét giao dịch theo chính sách, giải thích, thử trước."""


@cashback.command("evaluate")
@click.option("--policy", "policies", required=True, multiple=True, type=FILE, help="Tệp chính sách YAML.")
@click.option("--report", "reports", required=True, multiple=True, type=FILE, help="Báo cáo giao dịch CSV/XLSX.")
@click.option("--points", type=FILE, help="Danh sách Điểm trải nghiệm (cột merchant).")
@click.option("--subscribers", type=FILE, help="Thuê bao mới (cột customer, installed_on).")
@click.option("--out", required=True, type=FILE, help="Thư mục kết quả.")
@click.option("--csv", "with_csv", is_flag=True, help="Ghi thêm decisions.csv.")
@click.option("--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", show_default=True)
@click.option("--master", default="local[*]", help="Địa chỉ cụm Spark.")
@click.option("--seed", help="Hạt giống quay thưởng, khi đã công bố (mỗi kỳ một hạt giống: của kỳ mới nhất).")
@click.pass_context
def evaluate_command(
    ctx: click.Context,
    policies: tuple[Path, ...],
    reports: tuple[Path, ...],
    points: Path | None,
    subscribers: Path | None,
    out: Path,
    with_csv: bool,
    engine: str,
    master: str,
    seed: str | None,
) -> None:
    """Xét từng giao dịch theo chính sách; kết quả có lý do nằm trong thư mục --out."""
    found = read_policies(policies)
    _check_lists(found, points, subscribers)
    _name_unread_sheets(reports)
    totals = evaluate(
        Task(found, reports, points, subscribers, seed, spark_master=master if engine == "spark" else None),
        out,
        with_csv=with_csv,
    )
    _tell(totals, out)
    if totals.refused:
        ctx.exit(1)


def _name_unread_sheets(reports: Sequence[Path]) -> None:
    for path in reports:
        if unread := unread_sheets(path):
            names = ", ".join(f"“{each}”" for each in unread)
            click.echo(f"{path.name}: không đọc trang tính {names}; hãy lưu trang cần xét thành tệp riêng.", err=True)


@cashback.command("explain")
@click.option("--out", "folder", required=True, type=FILE, help="Thư mục kết quả của evaluate.")
@click.option("--reference", required=True, help="Mã giao dịch.")
def explain_command(folder: Path, reference: str) -> None:
    """Nói rõ vì sao một giao dịch được hay không được thưởng: mỗi phần thưởng một câu."""
    for line in explain(folder, reference):
        click.echo(line)


@cashback.command("draw")
@click.option("--policy", "policies", required=True, multiple=True, type=FILE, help="Tệp chính sách có quay thưởng.")
@click.option("--report", "reports", required=True, multiple=True, type=FILE, help="Báo cáo giao dịch CSV/XLSX.")
@click.option("--points", type=FILE, help="Danh sách Điểm trải nghiệm (cột merchant).")
@click.option("--subscribers", type=FILE, help="Thuê bao mới (cột customer, installed_on).")
@click.option("--out", required=True, type=FILE, help="Thư mục kết quả.")
@click.option("--seed", required=True, help="Hạt giống đã niêm phong, nay công bố.")
@click.pass_context
def draw_command(
    ctx: click.Context,
    policies: tuple[Path, ...],
    reports: tuple[Path, ...],
    points: Path | None,
    subscribers: Path | None,
    out: Path,
    seed: str,
) -> None:
    """Quay thưởng với hạt giống đã công bố và nói ai trúng; ai cũng kiểm lại được bằng verify-draw."""
    found = read_policies(policies)
    _check_lists(found, points, subscribers)
    _name_unread_sheets(reports)
    totals = evaluate(Task(found, reports, points, subscribers, seed), out)
    _show_winners(out, None)
    if totals.refused:
        ctx.exit(1)


@cashback.command("verify-draw")
@click.option("--out", "folder", type=FILE, help="Thư mục kết quả đã công bố.")
@click.option("--tickets", type=FILE, help="Danh sách phiếu tải từ trang công bố (cùng --policy và --seed).")
@click.option("--policy", type=FILE, help="Chính sách tải từ trang công bố.")
@click.option("--seed", help="Hạt giống; mặc định là hạt giống ghi trong summary.json.")
def verify_command(folder: Path | None, tickets: Path | None, policy: Path | None, seed: str | None) -> None:
    """Kiểm lại một lần quay từ những gì đã công bố: mã hạt giống, danh sách phiếu, người trúng."""
    if folder is not None:
        _show_winners(folder, seed)
    elif tickets is None or policy is None or seed is None:
        raise click.UsageError("Cần --out, hoặc cả ba --tickets, --policy và --seed.")
    else:
        said = read_policy(policy)
        winners = verified_list(tickets, said, seed)
        for _, period, sha256 in published_hashes(tickets, said):
            click.echo(f"Mã của danh sách phiếu{f' {period}' if period else ''}: {sha256}", err=True)
        _tell_winners(winners)
    click.echo("Khớp: hạt giống, danh sách phiếu và người trúng.", err=True)


@cashback.command("make-seeds")
@click.option("--policy", required=True, type=FILE, help="Chính sách có quay thưởng.")
@click.option("--out", required=True, type=FILE, help="Tệp CSV để niêm phong (cột period, seed).")
def make_seeds_command(policy: Path, out: Path) -> None:
    """Sinh hạt giống cho hội đồng tự giữ: cả chương trình một, hoặc mỗi kỳ một; in mã để ghi vào seed_sha256."""
    said = read_policy(policy)
    if not said.has_draw:
        raise RefusedError(f"{policy.name}: chính sách không có quay thưởng.")
    names = chain_periods(said) or ["policy"]
    root = secrets.token_hex(SEED_BYTES)
    rows = [(name, hashed(root, len(names) - at)) for at, name in enumerate(names, 1)]
    try:
        opened = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode=0o600)
    except FileExistsError:
        raise RefusedError(f"{out} đã có, không ghi đè hạt giống.", remedy="Hãy chọn tên tệp khác.") from None
    except OSError:
        raise RefusedError(f"Không ghi được {out}.", remedy="Hãy chọn thư mục khác.") from None
    with os.fdopen(opened, "w", encoding="utf-8", newline="") as stream:
        write_csv(stream, ("period", "seed"), rows)
    click.echo(hashed(root, len(names)))
    click.echo(f"{out}: {len(names)} hạt giống. Hãy in ra, cho vào phong bì, niêm phong rồi xoá tệp.", err=True)


def _show_winners(folder: Path, seed: str | None) -> None:
    _tell_winners(verified_winners(folder, seed))


def _tell_winners(winners: list[Winner]) -> None:
    for one in winners:
        click.echo(
            f"{one.policy} {one.period}: {one.prize} ({format_vnd(one.worth_vnd)}), phiếu {one.ticket}, {one.payee}"
        )


@cashback.command("simulate")
@click.option("--policy", "policies", required=True, multiple=True, type=FILE, help="Tệp chính sách YAML.")
@click.option("--report", "reports", required=True, multiple=True, type=FILE, help="Báo cáo giao dịch CSV/XLSX.")
@click.option("--points", type=FILE, help="Danh sách Điểm trải nghiệm (cột merchant).")
@click.option("--subscribers", type=FILE, help="Thuê bao mới (cột customer, installed_on).")
@click.option("--seed", help="Hạt giống quay thưởng, nếu muốn thử quay.")
@click.option("--json", "as_json", is_flag=True, help="Ghi ra dạng JSON.")
@click.pass_context
def simulate_command(
    ctx: click.Context,
    policies: tuple[Path, ...],
    reports: tuple[Path, ...],
    points: Path | None,
    subscribers: Path | None,
    seed: str | None,
    as_json: bool,
) -> None:
    """Thử một chính sách trên báo cáo đã có: tốn bao nhiêu, hết ngân sách ngày nào. Không ghi gì."""
    found = read_policies(policies)
    _check_lists(found, points, subscribers)
    _name_unread_sheets(reports)
    outlooks = simulate(Task(found, reports, points, subscribers, seed))
    if as_json:
        click.echo(json.dumps([asdict(outlook) for outlook in outlooks], ensure_ascii=False, indent=2))
    else:
        for outlook in outlooks:
            _show(outlook)
    if outlooks[0].refused:
        click.echo(f"{outlooks[0].refused} dòng bị từ chối; chạy evaluate để xem lý do từng dòng.", err=True)
        ctx.exit(1)


def _show(outlook: Outlook) -> None:
    click.echo(f"{outlook.title or outlook.policy}: {outlook.lines} dòng, {outlook.granted} khoản được thưởng.")
    click.echo(f"Tổng chi: {format_vnd(outlook.paid_vnd)}.")
    if outlook.budget_vnd is not None:
        ends = f"hết vào ngày {outlook.budget_ends_on}" if outlook.budget_ends_on else "còn đủ"
        click.echo(f"Ngân sách {format_vnd(outlook.budget_vnd)}: {ends}.")
    for reward in outlook.rewards:
        click.echo(
            f"Phần thưởng {reward.reward} cho {PARTIES[reward.to]}: {reward.granted} lần, "
            f"{format_vnd(reward.paid_vnd)}, {reward.parties} người nhận, {reward.parties_at_cap} người chạm giới hạn."
        )
    for reason, count in outlook.reasons:
        click.echo(f"  {REASON_NAMES[reason]}: {count}")


def _check_lists(policies: tuple[Policy, ...], points: Path | None, subscribers: Path | None) -> None:
    for policy in policies:
        if policy.needs_points and points is None:
            raise click.UsageError(f"Chính sách {policy.policy_id} cần danh sách điểm: thêm --points F.csv.")
        if policy.needs_subscribers and subscribers is None:
            raise click.UsageError(f"Chính sách {policy.policy_id} cần thuê bao mới: thêm --subscribers F.csv.")


def _tell(totals: Totals, out: Path) -> None:
    click.echo(
        f"{out}: {totals.lines} dòng, {totals.duplicates} trùng, {totals.refused} bị từ chối; "
        f"{totals.granted} khoản được thưởng, {totals.paid_vnd} đồng."
    )
    if totals.nameless:
        click.echo(
            f"{totals.nameless} khoản ({format_vnd(totals.nameless_vnd)}) thưởng cho điểm bán mà dòng không ghi "
            "điểm bán nào: chưa có ai để trả; hãy hỏi bên gửi, hoặc dùng points: listed.",
            err=True,
        )
    if totals.refused:
        click.echo(f"{totals.refused} dòng bị từ chối: xem lý do từng dòng ở {out / 'refused.csv'}.", err=True)
