"""Forms as units hand them back: filled in well, or in one of the ways in which they are not."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook, load_workbook

from tests.conftest import PLAN

FORM = PLAN.parent / "attachments" / "问题整改台账.xlsx"


def filled(path: Path, *matters: str) -> Path:
    """The blank form with a row for each matter."""
    book = load_workbook(FORM)
    sheet = book.active
    for at, matter in enumerate(matters):
        sheet.cell(4 + at, 2, matter).data_type = "s"
        sheet.cell(4 + at, 6, "甲")
    sheet["A19"] = "填表人：甲"
    sheet["A20"] = 16
    book.save(path)
    return path


def changed(path: Path, change: Callable[[Workbook], object]) -> Path:
    """The form filled in with one matter, and changed."""
    book = load_workbook(filled(path, "门口乱"))
    change(book)
    book.save(path)
    return path


def with_member(path: Path, name: str) -> Path:
    """The form filled in, with one more member in its archive."""
    filled(path, "门口乱")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(name, b"x")
    return path


def with_formula(path: Path, value: str) -> Path:
    """A formula in D4, with its value as Excel saves it; without, as programs write it."""
    changed(path, lambda book: book.active.__setitem__("D4", '="照"&"办"'))
    whole = path.with_suffix(".tmp")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(whole, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/") and value:
                content = re.sub(rb"<v ?/>|<v></v>", f"<v>{value}</v>".encode(), content)
                content = content.replace(b'<c r="D4"', b'<c r="D4" t="str"')
            new.writestr(name, content)
    shutil.move(whole, path)
    return path


def many(path: Path, number: int) -> Path:
    """So many filled rows."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("台账")
    for row in load_workbook(FORM).active.iter_rows(max_row=3, values_only=True):
        sheet.append(row)
    for at in range(number):
        sheet.append([at + 1, "门口乱"])
    book.save(path)
    return path
