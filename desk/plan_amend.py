"""duban plan amend, date, add: what is asked otherwise while the campaign runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from desk.confirming import Done, confirmed
from desk.plan import missing_files
from desk.reading import read_text
from desk.speech import Answer, Table
from desk.workplace import Desk
from ledger.amendment_report import Amendment
from ledger.campaigns import Campaign
from ledger.finding import find_campaign, find_deliverable, find_unit, only_campaign
from ledger.plan import Item, read_plan
from ledger.plan_difference import FORMS, Changed, PlanDifference
from ledger.plan_moves import ask_extra, date_item
from ledger.plan_versions import amend

SHOWN = 20
"""Rows named before the rest is only counted."""

NAMED = 10
"""Units named before the rest is only counted."""


def amend_plan(desk: Desk, plan: Path, yes: bool) -> Answer:
    """Show what a new version changes; write it once confirmed."""
    text = read_text(plan)
    read = read_plan(text, str(plan))
    folder = str(plan.resolve().parent)
    lost = missing_files(read, plan, "往后的消息和汇总将没有它")

    def write() -> Done:
        campaign = find_campaign(desk.session, read.slug)
        report = amend(
            desk.session, campaign, read, text, folder, desk.actor, desk.now, desk.calendar
        )
        title = f"“{campaign.name}”修订为第 {report.version} 版："
        return Done(
            {**_plain(campaign, report), "missing": lost}, [title, *_told(report, desk), *lost]
        )

    return confirmed(desk, write, yes)


def date_one(desk: Desk, item: str, due: date, campaign: str | None, reason: str) -> Answer:
    """Set the date of what was undated."""
    found = only_campaign(desk.session, campaign)
    row = find_deliverable(desk.session, found, item)
    report = date_item(desk.session, row, due, desk.actor, reason, desk.now, desk.calendar)
    said = [
        f"“{row.what}”的期限定为 {desk.calendar.written(due)}。",
        *_rows(report),
        *_to_open(report, desk),
        *_overdue(report),
        _heard(report),
    ]
    return Answer({**_plain(found, report), "written": True}, said)


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
    return Answer({**_plain(found, report), "written": True}, said)


def _plain(campaign: Campaign, report: Amendment) -> dict[str, Any]:
    found = report.difference
    return {
        "campaign": campaign.slug,
        "version": report.version or None,
        "head": found.head,
        "added": [item.id for item in found.added],
        "removed": [item.id for item in found.removed],
        "changed": [_changed(change) for change in found.changed],
        "external": [_changed(change) for change in found.external],
        "stages": found.stages_touched,
        "withdrawn": report.withdrawn,
        "asked_again": report.asked_again,
        "redated": report.redated,
        "to_open": report.to_open,
        "asked_anew": report.asked_anew,
        "affected": report.affected,
        "kept": report.kept,
        "in_part": report.in_part,
        "overdue": report.overdue,
        "told": report.told,
    }


def _changed(change: Changed) -> dict[str, Any]:
    return {"item": change.item.id, "facts": change.facts}


def _told(report: Amendment, desk: Desk) -> Iterator[str | Table]:
    found = report.difference
    if found.head:
        yield f"方案总的部分有改动：{'、'.join(found.head)}。"
    rows = [
        *[("新增", *_named(item), "") for item in found.added],
        *[("撤去", *_named(item), "") for item in found.removed],
        *[("改动", *_named(change.item), _facts(change)) for change in found.changed],
        *[("上级的事", *_named(change.item), _facts(change)) for change in found.external],
        *[("阶段", key, "", "新增或改动") for key in found.stages_touched],
    ]
    if rows:
        yield Table(("", "编号", "事项", "改动的内容"), rows)
    yield from _rows(report)
    yield from _to_open(report, desk)
    yield from _affected(report)
    if report.kept:
        yield f"已收到的 {report.kept} 件不动。"
    if report.in_part:
        yield f"其中收到一部分、还没有报齐或要补正的 {report.in_part} 件，应报件数不变。"
    yield from _overdue(report)
    yield from _forms(found)
    yield _heard(report)


def _to_open(report: Amendment, desk: Desk) -> Iterator[Table]:
    rows = [
        (asked.item, asked.what, len(asked.units), _when(asked.opens_on, desk), _names(asked.units))
        for asked in report.to_open
    ]
    if rows:
        title = f"将新增应报约 {report.asked_anew} 件："
        yield Table(("编号", "事项", "件数", "开立", "单位"), rows, title)


def _when(day: date, desk: Desk) -> str:
    return "下一次日程轮" if day <= desk.today else desk.calendar.written(day)


def _affected(report: Amendment) -> Iterator[Table]:
    rows = [(row.item, row.what, len(row.units), _names(row.units)) for row in report.affected]
    if rows:
        yield Table(("编号", "事项", "家数", "单位"), rows, "受影响的单位：")


def _forms(found: PlanDifference) -> Iterator[str]:
    """Forms go out with the launch only; later ones have to be sent by the office."""
    changed = [change.item for change in found.changed if change.touches((FORMS,))]
    for item in [*found.added, *changed]:
        if item.forms:
            names = "、".join(Path(form).name for form in item.forms)
            yield f"“{item.what}”的空白表格（{names}）不会自动发出，请活动办另行发给上列单位。"


def _names(units: Sequence[str]) -> str:
    rest = f" 等 {len(units)} 家" if len(units) > NAMED else ""
    return "、".join(units[:NAMED]) + rest


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
