"""Workbooks that are written row by row: bold headings, and words that stay words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

LAST_ROW = 1_048_576
"""How many rows a sheet can have."""


def new_sheet(book: Workbook, title: str, headings: Sequence[str]) -> WriteOnlyWorksheet:
    """A sheet that begins with its headings and keeps them in sight."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    cells = [cell_of(sheet, heading) for heading in headings]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)
    return sheet  # type: ignore[no-any-return]


def cell_of(sheet: WriteOnlyWorksheet, value: Any) -> Cell:
    """A value as it was typed; what only looks like a formula stays words."""
    if isinstance(value, str):
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell


def plain(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    """The same for long sheets: a cell of its own only where the bare value would not do."""
    if not isinstance(value, str):
        return value
    misread = value.startswith(("=", "#")) or ILLEGAL_CHARACTERS_RE.search(value)
    return cell_of(sheet, value) if misread else value
