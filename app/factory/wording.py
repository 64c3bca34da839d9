"""What click itself says to a person, in Vietnamese.

click asks gettext for every sentence. A catalogue would be a compiled file in the tree, so its sentences stand here as
a table instead, and a test holds the table against all that the installed click can say.
"""

import sys
from typing import Any, ClassVar

import click

#: click's sentence -> ours. Those that only a programmer can meet (a wrong declaration) are not here.
SENTENCES = {
    "Usage:": "Cách dùng:",
    "Options": "Tuỳ chọn",
    "Positional arguments": "Tham số",
    "Commands": "Lệnh",
    "Error: {message}": "Lỗi: {message}",
    "Aborted!": "Đã dừng.",
    "deprecated": "sắp bỏ",
    "required": "bắt buộc",
    "default: {default}": "mặc định: {default}",
    "env var: {var}": "biến môi trường: {var}",
    "(dynamic)": "(tuỳ lúc chạy)",
    "Show the version and exit.": "In số phiên bản rồi thoát.",
    "Show this message and exit.": "In hướng dẫn này rồi thoát.",
    "Try '{command} {option}' for help.": "Xem hướng dẫn: {command} {option}",
    "Missing command.": "Thiếu lệnh.",
    "Missing argument": "Thiếu tham số",
    "Missing option": "Thiếu tuỳ chọn",
    "Missing parameter": "Thiếu tham số",
    "Missing parameter: {param_name}": "Thiếu tham số: {param_name}",
    "Missing {param_type}": "Thiếu {param_type}",
    "Invalid value: {message}": "Giá trị không dùng được: {message}",
    "Invalid value for {param_hint}: {message}": "Giá trị của {param_hint} không dùng được: {message}",
    "No such option {name!r}.": "Không có tuỳ chọn {name!r}.",
    "No such command {name!r}.": "Không có lệnh {name!r}.",
    "Did you mean {possibility}?": "Có phải bạn muốn gõ {possibility}?",
    "(Did you mean one of: {possibilities}?)": "Có phải bạn muốn gõ một trong: {possibilities}?",
    "Got unexpected extra argument ({args})": "Thừa tham số: {args}",
    "Got unexpected extra arguments ({args})": "Thừa tham số: {args}",
    "Takes {nargs} values but 1 was given.": "Cần {nargs} giá trị, mới có 1.",
    "Takes {nargs} values but {len} were given.": "Cần {nargs} giá trị, đang có {len}.",
    "{len_type} values are required, but {len_value} was given.": "Cần {len_type} giá trị, mới có {len_value}.",
    "{len_type} values are required, but {len_value} were given.": "Cần {len_type} giá trị, đang có {len_value}.",
    "Option {name!r} does not take a value.": "Tuỳ chọn {name!r} không kèm giá trị.",
    "Option {name!r} requires an argument.": "Tuỳ chọn {name!r} cần một giá trị đi kèm.",
    "Option {name!r} requires {nargs} arguments.": "Tuỳ chọn {name!r} cần {nargs} giá trị đi kèm.",
    "Argument {name!r} takes {nargs} values.": "Tham số {name!r} cần {nargs} giá trị.",
    "Choose from:\n\t{choices}": "Chọn một trong:\n\t{choices}",
    "{value!r} is not {choice}.": "{value!r} khác {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} không phải một trong {choices}.",
    "{value!r} does not match the format {format}.": "{value!r} không đúng dạng {format}.",
    "{value!r} does not match the formats {formats}.": "{value!r} không đúng dạng nào trong {formats}.",
    "{value} is not in the range {range}.": "{value} nằm ngoài khoảng {range}.",
    "{value!r} is not a valid boolean. Recognized values: {states}": "{value!r} không phải có/không. Dùng: {states}",
    "{value!r} is not a valid {number_type}.": "{value!r} không phải {number_type}.",
    "{value!r} is not a valid UUID.": "{value!r} không phải UUID.",
    "file": "tệp",
    "directory": "thư mục",
    "path": "đường dẫn",
    "unknown error": "lỗi không rõ",
    "Could not open file {filename!r}: {message}": "Không mở được tệp {filename!r}: {message}",
    "{name} {filename!r} is a file.": "{name} {filename!r} là một tệp.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} là một thư mục.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} không đọc được.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} không ghi được.",
    "{name} {filename!r} is not executable.": "{name} {filename!r} không chạy được.",
    "{name} {filename!r} does not exist.": "{name} {filename!r} không tồn tại.",
}
#: The modules of click that speak.
SPEAKING = ("core", "decorators", "exceptions", "formatting", "parser", "types")
#: What stands for a value in the usage line.
PLACEHOLDERS = {
    "[OPTIONS]": "[TUỲ CHỌN]",
    "COMMAND [ARGS]...": "LỆNH [THAM SỐ]...",
    "[COMMAND] [ARGS]...": "[LỆNH] [THAM SỐ]...",
}
#: Names of click's kinds of value, as options and errors show them.
KINDS: dict[type[click.ParamType[Any]], str] = {
    type(click.STRING): "chữ",
    type(click.INT): "số nguyên",
    click.IntRange: "số nguyên",
    type(click.FLOAT): "số",
    click.FloatRange: "số",
}


def speak_vietnamese() -> None:
    """From here on, usage, help and wrong usage are told in Vietnamese."""
    for name in SPEAKING:
        module = sys.modules[f"click.{name}"]
        for function, ours in (("_", _sentence), ("ngettext", _counted)):
            if hasattr(module, function):
                setattr(module, function, ours)
    for kind, name in KINDS.items():
        kind.name = name
    click.Context.formatter_class = _Formatter


def _sentence(theirs: str) -> str:
    return SENTENCES.get(theirs, theirs)


def _counted(one: str, many: str, number: int) -> str:
    return _sentence(one if number == 1 else many)


class _Formatter(click.HelpFormatter):
    """The usage line with Vietnamese placeholders."""

    placeholders: ClassVar = PLACEHOLDERS

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """One usage line."""
        for theirs, ours in self.placeholders.items():
            args = args.replace(theirs, ours)
        super().write_usage(prog, args, prefix)
