"""When a point counts as active, and what somebody should look at: each with its reason in words, never a verdict.

Source: issue 5, "Honest activity". Every figure is a parameter with a stated default. Pure.
"""

from dataclasses import dataclass

from app.money import format_vnd


@dataclass(frozen=True, slots=True)
class ActivityRules:
    """The figures that decide; amounts in dong, windows in local days or minutes."""

    window_days: int = 30
    days_min: int = 2
    payers_min: int = 2
    floor_vnd: int = 10_000
    round_from_vnd: int = 500_000
    round_step_vnd: int = 100_000
    round_times: int = 3
    burst_payments: int = 5
    burst_minutes: int = 10


@dataclass(frozen=True, slots=True)
class Counted:
    """What a point took in the window, as far as it counts: successful, above the floor, from strangers."""

    merchant: str
    days: int
    payers: int
    payments: int
    amount_vnd: int
    excluded: int
    last_paid_at: str = ""  #: the last payment that counts, Vietnam's clock


#: Why a payment does not count towards activity.
EXCLUSIONS = {
    "related": "người trả là chủ, nhân viên hoặc người nhà của điểm bán",
    "below_floor": "dưới mức tính hoạt động",
    "reviewed": "người xem lại đã loại khỏi việc tính hoạt động",
}
FLAG_NAMES = {
    "self_dealing": "Tự trả cho mình",
    "ring": "Trả qua lại giữa các chủ",
    "cash_for_transfer": "Có thể đổi tiền mặt lấy chuyển khoản",
    "burst": "Dồn dập trong ít phút",
}


RELATIONS = {"owner": "chủ", "staff": "nhân viên", "family": "người nhà"}
FINE, EXCLUDED = "fine", "excluded"
DECISIONS = {FINE: "Không có gì lạ", EXCLUDED: "Không tính các giao dịch này"}


def is_active(counted: Counted, rules: ActivityRules) -> bool:
    """Whether the point was paid on enough days by enough different people.

    >>> is_active(Counted("M1", 2, 2, 2, 40000, 0), ActivityRules())
    True
    """
    return counted.days >= rules.days_min and counted.payers >= rules.payers_min


def activity_in_words(counted: Counted, rules: ActivityRules) -> str:
    """What was found and what would be needed.

    >>> activity_in_words(Counted("M1", 3, 1, 4, 90000, 0), ActivityRules())
    'trong 30 ngày có 3 ngày và 1 người trả; cần ít nhất 2 ngày và 2 người trả'
    """
    found = f"trong {rules.window_days} ngày có {counted.days} ngày và {counted.payers} người trả"
    if is_active(counted, rules):
        return found
    return f"{found}; cần ít nhất {rules.days_min} ngày và {rules.payers_min} người trả"


def flag_in_words(flag: str, count: int, amount_vnd: int, who: str, rules: ActivityRules) -> str:
    """Why somebody should look, with the figures; whether anything is wrong only a person can say.

    >>> flag_in_words("burst", 6, 126000, "", ActivityRules()).replace(chr(160), " ")
    '6 giao dịch trong 10 phút (126.000 ₫); nên hỏi điểm bán'
    """
    money = format_vnd(amount_vnd)
    match flag:
        case "self_dealing":
            what = f"{count} giao dịch ({money}) do chủ, nhân viên hoặc người nhà trả"
        case "ring":
            what = f"{count} giao dịch ({money}) do chủ điểm {who} trả, và chủ điểm này cũng trả cho điểm {who}"
        case "cash_for_transfer":
            what = (
                f"{count} lần {who} trả số chẵn từ {format_vnd(rules.round_from_vnd)} trở lên trong "
                f"{rules.window_days} ngày ({money})"
            )
        case _:
            what = f"{count} giao dịch trong {rules.burst_minutes} phút ({money})"
    return f"{what}; nên hỏi điểm bán"
