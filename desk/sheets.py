"""Workbooks as units hand them back: opened row by row, however large, or refused in a sentence."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NamedTuple
from zipfile import ZipFile

from openpyxl import load_workbook

from config.tables import BROKEN, OLE, ZIP

LARGEST = 300 * 1024 * 1024
"""Bytes of a workbook unpacked, beyond which it is not opened."""

PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"II*\x00", b"MM\x00*")
CHUNK = 1024 * 1024
OVERLAP = 1024
MARK = re.compile(
    rb'<(?:\w+:)?mergeCell\s[^>]*?ref="(?P<merged>[A-Z]+\d+:[A-Z]+\d+)"'
    rb'|<(?:\w+:)?c\s(?:[^>]*?\s)?r="(?P<formula>[A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?f[\s>/]'
)

REFILL = "请用发下的空白表格填写，存为 .xlsx 后重报"


class Unfit(Exception):
    """The file cannot be merged; str() is one Chinese sentence that says where and why."""


class Line(NamedTuple):
    """A row of a sheet: its number, from 1, and its values as typed."""

    number: int
    values: tuple[object, ...]


class Marks(NamedTuple):
    """What a sheet has beside its values: merged areas and cells with formulas, as A5:B6 and C7."""

    merged: tuple[str, ...]
    formulas: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A sheet open for reading."""

    title: str
    _sheet: Any
    _path: Path

    def lines(self) -> Iterator[Line]:
        """Row by row, from the top; values of formulas as last saved."""
        # Some programs write a wrong extent into the sheet; without it every row is read.
        self._sheet.reset_dimensions()
        for number, values in enumerate(self._sheet.iter_rows(values_only=True), start=1):
            yield Line(number, tuple(values))

    def marks(self) -> Marks:
        """Merged areas and formulas, found in the sheet's own text: rows come without."""
        merged: dict[str, None] = {}
        formulas: dict[str, None] = {}
        with ZipFile(self._path) as archive, archive.open(self._sheet._worksheet_path) as content:
            for text in _overlapping(content):
                for match in MARK.finditer(text):
                    kind = merged if match["merged"] else formulas
                    kind[(match["merged"] or match["formula"]).decode()] = None
        return Marks(tuple(merged), tuple(formulas))


def _overlapping(content: IO[bytes]) -> Iterator[bytes]:
    before = b""
    while chunk := content.read(CHUNK):
        yield before + chunk
        before = chunk[-OVERLAP:]


@contextmanager
def opened_sheet(path: Path, title: str | None = None) -> Iterator[Sheet]:
    """The sheet of that title, else the first. Raises Unfit, also for damage read later."""
    try:
        _check_kind(path)
        with path.open("rb") as content, warnings.catch_warnings():
            # openpyxl warns of styles and validations it drops; nobody can act on it here.
            warnings.simplefilter("ignore")
            book = load_workbook(content, read_only=True, data_only=True)
            sheets = {sheet.title: sheet for sheet in book.worksheets}
            if not sheets:
                raise Unfit(f"里面没有工作表；{REFILL}。")
            sheet = sheets.get(title or "") or book.worksheets[0]
            yield Sheet(sheet.title, sheet, path)
    except BROKEN as error:
        raise Unfit(f"文件已损坏，读不出来；{REFILL}。") from error


def _check_kind(path: Path) -> None:
    try:
        with path.open("rb") as content:
            head = content.read(8)
    except FileNotFoundError:
        raise Unfit("附件不在数据目录里；请从备份恢复，或请该单位重报。") from None
    if head.startswith(OLE):
        raise Unfit(f"是旧版 .xls（或加了密码、或是旧版 Word 文档）；{REFILL}。")
    if head.startswith(PICTURES):
        raise Unfit(f"是图片，不是表格；{REFILL}。")
    if not head.startswith(ZIP):
        raise Unfit(f"不是 .xlsx 表格；{REFILL}。")
    with ZipFile(path) as archive:
        names = {name.lower() for name in archive.namelist()}
        size = sum(part.file_size for part in archive.infolist())
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Unfit(f"含有宏，没有打开；{REFILL}。")
    if "word/document.xml" in names:
        raise Unfit("是 Word 文档，只打包，不合并。")
    if "xl/workbook.xml" not in names:
        raise Unfit(f"不是 .xlsx 表格；{REFILL}。")
    if size > LARGEST:
        raise Unfit(f"解开后有 {size // 1024 // 1024} MB，太大；请删去空白行和图片后重报。")
