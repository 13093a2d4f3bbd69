"""duban submission gather: the returned forms in one workbook, and all files in one zip."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from config.files import stored
from desk.blank_form import BlankForm, read_form
from desk.merging import Handed, Merger, usual_form
from desk.packing import pack, safe
from desk.sheets import Unfit
from desk.speech import Answer, Table, table
from desk.whole_files import written_whole
from desk.workplace import Desk
from ledger.campaigns import Deliverable
from ledger.finding import find_deliverable, only_campaign
from ledger.handed_in import Paper, number_owed, papers, period_to_gather
from ledger.titles import period_name
from notifications.notice import read_notice

UNFIT = {"unit": "单位", "file": "文件", "what": "原因"}
FORMULAS = {"unit": "单位", "file": "文件", "what": "公式所在"}


def gather(desk: Desk, item: str, campaign: str | None, period: str | None, out: Path) -> Answer:
    """Merge and pack what was handed in of one deliverable and period; no file stops another."""
    deliverable = find_deliverable(desk.session, only_campaign(desk.session, campaign), item)
    which = period_to_gather(desk.session, deliverable, period)
    about = "-".join(filter(None, (deliverable.what, period_name(which))))
    blank = _blank_form(desk, deliverable)
    owed = number_owed(desk.session, deliverable, which)
    files = _handed(desk, papers(desk.session, deliverable, which))
    if not files:
        raise click.ClickException(f"“{about}”应报 {owed}，还没有收到一份，没有可汇总的。")
    # Reading many files may take a while; the ledger is not to be held meanwhile.
    desk.session.rollback()
    out.mkdir(parents=True, exist_ok=True)
    form = _read(blank) if blank else usual_form(files)
    packed = out / f"{safe(about)}.zip"
    lost = written_whole(packed, lambda file: pack(files, about, file))
    merger = Merger(form) if form else None
    book = out / f"{safe(about)}-汇总.xlsx"
    if merger:
        written_whole(book, lambda file: merger.merge(files, file))
    return _answer(about, owed, files, packed, book, merger, len(lost))


def _blank_form(desk: Desk, deliverable: Deliverable) -> Path | None:
    """The first workbook among the blank forms of the deliverable."""
    forms = read_notice(desk.session, deliverable.campaign_id, desk.calendar).forms
    mine = [form.file for form in forms if form.deliverable_id == deliverable.id]
    return next((file for file in mine if file.suffix.lower() == ".xlsx"), None)


def _read(blank: Path) -> BlankForm:
    try:
        return read_form(blank)
    except Unfit as why:
        raise click.ClickException(f"空白表格 {blank} 读不出来：{why}") from None


def _handed(desk: Desk, found: Sequence[Paper]) -> list[Handed]:
    home = desk.settings.home
    return [
        Handed(paper.unit, paper.name or "", stored(home, paper.sha256) if paper.sha256 else None)
        for paper in found
    ]


def _answer(
    about: str,
    owed: int,
    files: Sequence[Handed],
    packed: Path,
    book: Path,
    merger: Merger | None,
    lost: int,
) -> Answer:
    units = len({file.unit for file in files})
    number = sum(file.path is not None for file in files) - lost
    said: list[str | Table] = [
        f"“{about}”应报 {owed}，已报 {units}。",
        f"全部 {number} 个附件已打包：{packed}",
    ]
    data = {"about": about, "owed": owed, "handed_in": units, "zip": str(packed), "workbook": None}
    if merger is None:
        said.append("没有一份能当作表格读出来，没有汇总表。")
        return Answer({**data, "merged": 0, "rows": 0, "unfit": [], "formulas": []}, said)
    said.append(f"合并了 {merger.merged} 份，共 {merger.rows} 行：{book}")
    if merger.unfit:
        said.append(table(merger.unfit, UNFIT, f"未合并的 {len(merger.unfit)} 份："))
    if merger.formulas:
        title = f"含公式、已取存下的结果的 {len(merger.formulas)} 份，请核对："
        said.append(table(merger.formulas, FORMULAS, title))
    done = {"merged": merger.merged, "rows": merger.rows}
    remarks = {"unfit": merger.unfit, "formulas": merger.formulas}
    return Answer({**data, "workbook": str(book), **done, **remarks}, said)
