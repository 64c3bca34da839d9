"""Writes docs/policies.md from the policies' YAML: python docs/policies.py. A test holds the page against them."""

from pathlib import Path

from app.cashback.drafting.open_points import open_points
from app.cashback.plain import plain_words
from app.cashback.queries import shipped

PAGE = Path(__file__).with_name("policies.md")


def page() -> str:
    """The page as it must stand."""
    parts = [
        "# Các chính sách đi kèm",
        "Trang này sinh ra từ các tệp YAML trong `app/cashback/policies`; chạy `python docs/policies.py` để viết lại.",
    ]
    for each in shipped():
        parts += [f"## {each.policy.title}", f"`{each.policy.policy_id}`, {each.policy.source}."]
        parts += [
            "\n".join(f"- {word}" for word in plain_words(each.policy)),
            "Kế hoạch không nói, chính sách chọn:",
            "\n".join(
                ["| câu hỏi | chọn thế nào | vì sao | khoá |", "|---|---|---|---|"]
                + [f"| {one.question} | {one.decided} | {one.why} | `{one.key}` |" for one in open_points(each.policy)]
            ),
            f"```yaml\n{each.document.rstrip()}\n```",
        ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
