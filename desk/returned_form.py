"""A form as a unit handed it back: its rows, or where it differs from the blank one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from openpyxl.utils import column_index_from_string, get_column_letter

from desk.blank_form import TOP, BlankForm, words
from desk.sheets import REFILL, Line, Marks, Unfit, opened_sheet

MOST = 20_000
"""Filled rows of one form; more are a slip, such as a column filled down to the end."""

NAMED = 5
"""Cells named before the rest is only counted."""

CELL = re.compile(r"([A-Z]+)(\d+)")
ROW = re.compile(r"\d+")


@dataclass(frozen=True)
class Returned:
    """The rows a unit filled in; `formulas`: the cells where a formula's saved value was taken."""

    lines: tuple[Line, ...]
    formulas: tuple[str, ...]


def read_returned(path: Path, form: BlankForm) -> Returned:
    """Raises Unfit when the file does not fit the form."""
    with opened_sheet(path, form.sheet) as sheet:
        lines = tuple(_filled(_below_header(sheet.lines(), form), form))
        marks = sheet.marks()
    _check_merged(marks, [line.number for line in lines])
    return Returned(lines, tuple(_formulas(marks, lines)))


def _below_header(lines: Iterator[Line], form: BlankForm) -> Iterator[Line]:
    """The rows below the header, wherever among the top rows it stands."""
    top = list(islice(lines, max(TOP, form.row)))
    for at, line in enumerate(top):
        if words(line.values) == form.header:
            return chain(top[at + 1 :], lines)
    there = next((line.values for line in top if line.number == form.row), ())
    raise Unfit(
        f"第{form.row}行的表头与空白表格不同：{_difference(words(there), form)}；{REFILL}。"
    )


def _difference(said: Sequence[str], form: BlankForm) -> str:
    """The first column whose heading is another."""
    width = max(len(said), len(form.header))
    pairs = zip(_padded(said, width), _padded(form.header, width), strict=True)
    at, there, wanted = next(
        (at, one, other) for at, (one, other) in enumerate(pairs, start=1) if one != other
    )
    column = f"{get_column_letter(at)}列"
    if not wanted:
        return f"{column}多出“{there}”"
    return f"{column}应是“{wanted}”，{f'实为“{there}”' if there else '却是空的'}"


def _padded(said: Sequence[str], width: int) -> list[str]:
    return [*said, *[""] * (width - len(said))]


def _filled(lines: Iterator[Line], form: BlankForm) -> Iterator[Line]:
    width, number = len(form.header), 0
    for line in lines:
        if form.is_printed(line):
            continue
        number += 1
        if number > MOST:
            raise Unfit(f"填了超过 {MOST} 行，多半是向下误填；请删去多余的行后重报。")
        if len(said := words(line.values)) > width:
            column = next(at for at in range(width, len(said)) if said[at])
            raise Unfit(
                f"第{line.number}行的{get_column_letter(column + 1)}列在表头之外有内容；{REFILL}。"
            )
        values = line.values[:width]
        yield Line(line.number, (*values, *[None] * (width - len(values))))


def _check_merged(marks: Marks, filled: Sequence[int]) -> None:
    found = []
    for area in marks.merged:
        first, last = (int(row) for row in ROW.findall(area))
        at = bisect_left(filled, first)
        if at < len(filled) and filled[at] <= last:
            found.append(area)
    if found:
        raise Unfit(f"填写的行里有合并单元格（{listed(found)}）；请取消合并、逐行填写后重报。")


def _formulas(marks: Marks, lines: Sequence[Line]) -> Iterator[str]:
    values = {line.number: line.values for line in lines}
    for cell in marks.formulas:
        match = CELL.fullmatch(cell)
        column, row = column_index_from_string(match[1]), int(match[2])  # type: ignore[index]
        if row in values and column <= len(values[row]):
            if values[row][column - 1] is None:
                raise Unfit(f"{cell} 是公式，文件里没有存下结果；请在 Excel 里打开、保存后重报。")
            yield cell


def listed(cells: Sequence[str]) -> str:
    """The first cells by name, the rest counted."""
    rest = f" 等 {len(cells)} 处" if len(cells) > NAMED else ""
    return "、".join(cells[:NAMED]) + rest
