"""duban extension: ask for more time, decide on it, look."""

from __future__ import annotations

from datetime import date

import click
from sqlalchemy import ColumnElement

from desk.speech import Answer, table
from desk.submission import one
from desk.workplace import Desk
from ledger.campaigns import Campaign
from ledger.extensions import Extension, ExtensionOutcome
from ledger.finding import find_campaign, find_extension, find_problem
from ledger.more_time import Subject, ask_extension, decide_extension
from ledger.obligations import TAKES_HAND_IN
from ledger.queries import extension_rows

HEADINGS = {
    "id": "编号",
    "campaign": "活动",
    "about": "为何事",
    "nth": "第几次",
    "old_due": "原期限",
    "new_due": "延到",
    "asked_by": "申请人",
    "reason": "理由",
    "outcome": "结果",
    "decided_by": "批复人",
}


def ask(
    desk: Desk,
    slug: str,
    item: str | None,
    unit: str | None,
    respondent: str | None,
    period: str | None,
    problem: int | None,
    until: date,
    reason: str,
) -> Answer:
    """Ask for more time on an obligation or a problem."""
    if (item is None) == (problem is None):
        raise click.UsageError("请写明事项，或用 --problem 写明问题编号，二者写一个。")
    subject: Subject
    if problem is not None:
        subject = find_problem(desk.session, find_campaign(desk.session, slug), problem)
    else:
        whose = {"unit": unit, "respondent": respondent, "period": period}
        subject = one(desk, TAKES_HAND_IN, slug=slug, item=item or "", **whose)
    by, now, cal = desk.actor, desk.now, desk.calendar
    extension = ask_extension(desk.session, subject, desk.post, by, until, reason, now, cal)
    return _done(desk, extension, f"已申请延至 {until}，等待批复")


def decide(desk: Desk, number: int, granted: bool, note: str) -> Answer:
    """Grant or refuse."""
    extension = find_extension(desk.session, number)
    decide_extension(desk.session, extension, desk.actor, granted, note, desk.now, desk.calendar)
    words = f"已同意，期限改为 {extension.new_due}" if granted else "未同意，期限不变"
    return _done(desk, extension, words)


def show_all(desk: Desk, campaign: str | None, state: str | None) -> Answer:
    """The requests, narrowed down."""
    where: list[ColumnElement[bool]] = []
    if campaign:
        where.append(Campaign.id == find_campaign(desk.session, campaign).id)
    if state:
        where.append(Extension.outcome == ExtensionOutcome(state))
    rows = extension_rows(desk.session, desk.calendar, where)
    return Answer(rows, [table(rows, HEADINGS), f"共 {len(rows)} 份。"])


def _done(desk: Desk, extension: Extension, words: str) -> Answer:
    desk.session.flush()
    row = extension_rows(desk.session, desk.calendar, [Extension.id == extension.id])[0]
    return Answer(row, [f"第 {row.id} 号延期申请（{row.about}）：{words}。"])
