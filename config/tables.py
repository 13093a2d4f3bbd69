"""Reading tables people hand in: .csv and .xlsx, told apart by content and never by name."""

from __future__ import annotations

import csv
import io
import re
import warnings
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zipfile import BadZipFile, ZipFile

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"
"""How .xls, .doc and password-protected .xlsx files begin."""

ENCODINGS = ("utf-8-sig", "gb18030")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MARKUP = re.compile(r"\s*<(!doctype|html|\?xml|table)", re.IGNORECASE)
BROKEN = (
    *(BadZipFile, zlib.error, EOFError, OSError, RuntimeError),  # the archive
    *(SyntaxError, LookupError, TypeError, ValueError),  # the sheets in it
)
"""What a damaged workbook raises, as tried; every XML parser's error is a SyntaxError."""

SAVE_AS = "请在Excel或WPS里另存为“.xlsx”或“CSV（逗号分隔）”后再导入"


class TableError(Exception):
    """The file cannot be read as a table; str() is one Chinese sentence that says what to do."""


@dataclass(frozen=True)
class Row:
    """One row: the line of the file it stands on (the header's is usually 1) and its cells."""

    line: int
    cells: dict[str, str]


def read_table(path: Path) -> list[Row]:
    """The rows below the header, blank ones left out, every cell as stripped plain text.

    The header is the first row that is not blank. Dates become ISO dates, whole numbers lose
    their ".0", a missing cell is "". Cells below no heading are not read. Of a workbook the first
    sheet is read. Raises TableError.
    """
    lines = ((number, cells) for number, cells in _lines(path) if any(cells))
    _, header = next(lines, (0, []))
    if not header:
        raise TableError(f"{path.name}是空的，没有表头；请填好内容后再导入。")
    _check_header(path, header)
    return [Row(number, _named(header, cells)) for number, cells in lines]


def _lines(path: Path) -> Iterable[tuple[int, list[str]]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TableError(f"打不开{path}；请检查路径是否写对、文件能否读取。") from error
    if content.startswith(OLE):
        raise TableError(f"{path.name}是旧版.xls（或加了密码、或是Word文档）；{SAVE_AS}。")
    if content.startswith(ZIP):
        return _workbook_lines(path, content)
    return _text_lines(path, decoded(path, content))


def _workbook_lines(path: Path, content: bytes) -> list[tuple[int, list[str]]]:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            if "xl/workbook.xml" not in archive.namelist():
                raise TableError(f"{path.name}不是表格（可能是Word文档或压缩包）；{SAVE_AS}。")
        return list(_sheet_lines(content))
    except BROKEN as error:
        raise TableError(f"{path.name}已损坏，读不出来；请打开原文件核对，{SAVE_AS}。") from error


def _sheet_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    # A tenth of a command's start, which only imports are to wait for.
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # openpyxl warns of styles and validations it drops; the person importing cannot act on it.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    if not book.worksheets:
        return
    sheet = book.worksheets[0]
    # Some programs write a wrong extent into the sheet; without it every row is read.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        yield number, [_plain(value) for value in values]


def _text_lines(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    begins = 1
    try:
        for values in reader:
            yield begins, [value.strip() for value in values]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"{path.name}第{begins}行读不出来；{SAVE_AS}。") from error


def decoded(path: Path, content: bytes) -> str:
    """The text of a file in either usual encoding; raises TableError when it is none."""
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not CONTROL.search(text) and not MARKUP.match(text):
            return text
    raise TableError(f"{path.name}不是表格（可能是图片、网页或别的文件）；{SAVE_AS}。")


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        whole_day = value.time() == time.min
        return value.date().isoformat() if whole_day else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _check_header(path: Path, header: list[str]) -> None:
    names = [name for name in header if name]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise TableError(f"{path.name}的表头里“{twice[0]}”出现了两次；请只留一列。")


def _named(header: list[str], cells: list[str]) -> dict[str, str]:
    padded = cells + [""] * (len(header) - len(cells))
    return {name: cell for name, cell in zip(header, padded, strict=False) if name}
