"""duban plan amend, date, add: what is asked otherwise while the campaign runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import click

from desk.reading import read_text
from desk.speech import UNWRITTEN, Answer, Table, Voice
from desk.workplace import Desk
from ledger.amendment import Amendment
from ledger.campaigns import Campaign
from ledger.finding import find_campaign, find_deliverable, find_unit, only_campaign
from ledger.plan import Item, read_plan
from ledger.plan_difference import Changed
from ledger.plan_moves import ask_extra, date_item
from ledger.plan_versions import amend

SHOWN = 20
"""Rows named before the rest is only counted."""


def amend_plan(desk: Desk, plan: Path, yes: bool) -> Answer:
    """Show what a new version changes; write it once confirmed."""
    text = read_text(plan)
    read = read_plan(text, str(plan))
    campaign = find_campaign(desk.session, read.slug)
    folder = str(plan.resolve().parent)
    # Done for real under a savepoint, so that what is shown is what is written.
    with desk.session.begin_nested() as savepoint:
        report = amend(
            desk.session, campaign, read, text, folder, desk.actor, desk.now, desk.calendar
        )
        said = [f"“{campaign.name}”修订为第 {report.version} 版：", *_told(report)]
        if desk.may_ask and not yes:
            Voice(desk.calendar).say(said)
            yes = click.confirm("写入吗？")
            said = ["已写入。"] if yes else []
        if not yes:
            savepoint.rollback()
    return _answer(campaign, report, said, written=yes)


def date_one(desk: Desk, item: str, due: date, campaign: str | None, reason: str) -> Answer:
    """Set the date of what was undated."""
    found = only_campaign(desk.session, campaign)
    row = find_deliverable(desk.session, found, item)
    report = date_item(desk.session, row, due, desk.actor, reason, desk.now, desk.calendar)
    said = [
        f"“{row.what}”的期限定为 {desk.calendar.written(due)}。",
        *_rows(report),
        *_overdue(report),
        _heard(report),
    ]
    return _answer(found, report, said, written=True)


def add_one(
    desk: Desk,
    what: str,
    units: Sequence[str],
    due: date,
    unreviewed: bool,
    campaign: str | None,
    reason: str,
) -> Answer:
    """Ask some units for one thing more."""
    found = only_campaign(desk.session, campaign)
    named = {unit.id: unit for unit in (find_unit(desk.session, word) for word in units)}
    row, report = ask_extra(
        desk.session,
        found,
        what,
        list(named.values()),
        due,
        desk.actor,
        reason,
        desk.now,
        desk.calendar,
        reviewed=not unreviewed,
    )
    until = desk.calendar.written(due)
    said = [
        f"临时加报“{what}”（编号 {row.key}），{len(named)} 家，{until} 前报送。",
        _heard(report),
    ]
    return _answer(found, report, said, written=True)


def _answer(
    campaign: Campaign, report: Amendment, said: Sequence[str | Table], written: bool
) -> Answer:
    found = report.difference
    data = {
        "campaign": campaign.slug,
        "written": written,
        "version": report.version or None,
        "added": [item.id for item in found.added],
        "removed": [item.id for item in found.removed],
        "changed": [{"item": change.item.id, "facts": change.facts} for change in found.changed],
        "stages": found.stages_touched,
        "withdrawn": report.withdrawn,
        "asked_again": report.asked_again,
        "redated": report.redated,
        "asked_anew": report.asked_anew,
        "kept": report.kept,
        "overdue": report.overdue,
        "told": report.told,
    }
    if written:
        return Answer(data, said)
    return Answer(data, [*said, UNWRITTEN], code=1)


def _told(report: Amendment) -> Iterator[str | Table]:
    found = report.difference
    rows = [
        *[("新增", *_named(item), "") for item in found.added],
        *[("撤去", *_named(item), "") for item in found.removed],
        *[("改动", *_named(change.item), _facts(change)) for change in found.changed],
        *[("阶段", key, "", "新增或改动") for key in found.stages_touched],
    ]
    yield Table(("", "编号", "事项", "改动的内容"), rows)
    yield from _rows(report)
    if report.asked_anew:
        yield f"新增应报约 {report.asked_anew} 件，下一次日程轮开立。"
    if report.kept:
        yield f"已收到的 {report.kept} 件不动。"
    yield from _overdue(report)
    yield _heard(report)


def _rows(report: Amendment) -> Iterator[str | Table]:
    yield from _listed("撤销应报", report.withdrawn)
    yield from _listed("重新要求", report.asked_again)
    if report.redated:
        rows = [(move.title, move.old or "未定", move.new) for move in report.redated[:SHOWN]]
        yield Table(("改期的应报件", "原期限", "新期限"), rows, f"改期 {len(report.redated)} 件：")


def _listed(word: str, titles: Sequence[str]) -> Iterator[str]:
    if titles:
        rest = f" 等 {len(titles)} 件" if len(titles) > SHOWN else ""
        yield f"{word} {len(titles)} 件：{'；'.join(titles[:SHOWN])}{rest}"


def _overdue(report: Amendment) -> Iterator[str]:
    if report.overdue:
        yield f"已过期限而没有报的 {report.overdue} 件，期限不动。"


def _heard(report: Amendment) -> str:
    return f"{report.told} 人将在下一次消息里得知。"


def _named(item: Item) -> tuple[str, str]:
    return item.id, item.what


def _facts(change: Changed) -> str:
    return "、".join(change.facts)
