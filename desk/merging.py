"""Merging returned forms into one workbook: every row with its unit; who does not fit, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook

from desk.blank_form import BlankForm, read_header
from desk.books import LAST_ROW, cell_of, new_sheet
from desk.returned_form import listed, read_returned
from desk.sheets import Unfit


@dataclass(frozen=True)
class Remark:
    """What is to be said of one unit's file."""

    unit: str
    file: str
    what: str


@dataclass(frozen=True)
class Handed:
    """One file of a unit; without a path it was mere words."""

    unit: str
    name: str
    path: Path | None


@dataclass
class Merger:
    """Takes files one by one; a file that does not fit is named, and stops nothing."""

    form: BlankForm
    merged: int = 0
    rows: int = 0
    unfit: list[Remark] = field(default_factory=list)
    formulas: list[Remark] = field(default_factory=list)

    def merge(self, files: Iterable[Handed], to: Path) -> None:
        """Write the workbook: 汇总, 未合并, and 含公式 where values of formulas were taken."""
        book = Workbook(write_only=True)
        sheet = new_sheet(book, "汇总", ("来源单位", *self.form.header))
        for file in files:
            for values in self._rows(file):
                sheet.append([cell_of(sheet, value) for value in (file.unit, *values)])
        _write(book, "未合并", "原因", self.unfit)
        if self.formulas:
            _write(book, "含公式", "公式所在，已取存下的结果", self.formulas)
        book.save(to)

    def _rows(self, file: Handed) -> Iterator[tuple[object, ...]]:
        """The rows of a file that fits as a whole; none of one that does not."""
        try:
            if file.path is None:
                raise Unfit("只报了文字，没有附件。")
            returned = read_returned(file.path, self.form)
            if self.rows + len(returned.lines) > LAST_ROW - 1:
                raise Unfit("汇总表已满，放不下这一份；请分期或分批汇总。")
        except Unfit as why:
            self.unfit.append(Remark(file.unit, file.name, str(why)))
            return
        self.merged += 1
        self.rows += len(returned.lines)
        if returned.formulas:
            self.formulas.append(Remark(file.unit, file.name, listed(returned.formulas)))
        yield from (line.values for line in returned.lines)


def usual_form(files: Iterable[Handed]) -> BlankForm | None:
    """The form that most of the files have, where the plan names none; None: no file is a form."""
    forms: Counter[BlankForm] = Counter()
    for file in files:
        try:
            if file.path is not None:
                forms[read_header(file.path)] += 1
        except Unfit:
            continue
    return max(forms, key=lambda form: forms[form], default=None)


def _write(book: Workbook, title: str, what: str, remarks: Sequence[Remark]) -> None:
    sheet = new_sheet(book, title, ("单位", "文件", what))
    for remark in remarks:
        sheet.append([cell_of(sheet, value) for value in (remark.unit, remark.file, remark.what)])
