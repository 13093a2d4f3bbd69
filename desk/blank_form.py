"""The form (表格) that units fill in: where its header stands, and what is printed below it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from desk.sheets import Line, opened_sheet

TOP = 30
"""Rows among which a header is looked for."""

LABEL = re.compile(r"[^:]{1,12}:")
"""How a row such as 填表人：甲 begins."""


@dataclass(frozen=True)
class BlankForm:
    """A form: its sheet, the row and the words of its header, and what is printed below it.

    `printed` are whole rows; `labels` begin a row that is completed by hand, such as 填表人：.
    Where rows are numbered beforehand, a further number alone says nothing either. `guessed`: there
    is no blank form, only forms already filled in.
    """

    sheet: str
    row: int
    header: tuple[str, ...]
    printed: frozenset[tuple[str, ...]] = frozenset()
    labels: tuple[str, ...] = ()
    guessed: bool = False

    def is_printed(self, line: Line) -> bool:
        """Whether a row is blank, or was there before anybody filled it in."""
        said = words(line.values)
        first = next(filter(None, said), "")
        numbered = (self.guessed or ("1",) in self.printed) and said == (first,)
        if not first or (numbered and first.isdecimal()):
            return True
        if self.guessed:
            return bool(LABEL.match(first)) and len(list(filter(None, said))) <= 2
        return said in self.printed or first.startswith(self.labels)


def read_form(path: Path) -> BlankForm:
    """The form in the first sheet of a workbook; raises Unfit."""
    with opened_sheet(path) as sheet:
        form, below = _headed(sheet.title, sheet.lines())
        printed = frozenset(said for line in below if any(said := words(line.values)))
    firsts = (next(filter(None, said)) for said in printed)
    labels = tuple(sorted(first for first in firsts if first.endswith(":")))
    return BlankForm(form.sheet, form.row, form.header, printed, labels)


def read_header(path: Path) -> BlankForm:
    """The form that a filled-in workbook seems to have; raises Unfit."""
    with opened_sheet(path) as sheet:
        return replace(_headed(sheet.title, sheet.lines())[0], guessed=True)


def _headed(title: str, lines: Iterator[Line]) -> tuple[BlankForm, Iterable[Line]]:
    """The header is the fullest of the top rows; the first of them where several are as full."""
    top = list(islice(lines, TOP))
    fullest = max(top, key=lambda line: sum(map(bool, words(line.values))), default=Line(1, ()))
    below = [line for line in top if line.number > fullest.number]
    return BlankForm(title, fullest.number, words(fullest.values)), (*below, *lines)


def words(values: Sequence[object]) -> tuple[str, ...]:
    """The cells as they are compared: without spaces and empty cells at the end."""
    said = [_word(value) for value in values]
    while said and not said[-1]:
        said.pop()
    return tuple(said)


def _word(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "".join(unicodedata.normalize("NFKC", str(value)).split())
