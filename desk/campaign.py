"""duban campaign: launch, look, and decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from desk import fixed_dates
from desk.fixed_dates import Typed
from desk.reading import read_text
from desk.speech import Answer, Table, table
from desk.workplace import Desk
from ledger.audit import Act, record
from ledger.campaigns import Campaign, Decision, Move, Stage
from ledger.finding import find_campaign, find_stage, plan_of
from ledger.launch import FixedDate
from ledger.launch import fixed_dates as dates_of
from ledger.launch import launch as launch_campaign
from ledger.overview import (
    CampaignRow,
    campaign_row,
    campaign_rows,
    stage_rows,
    unsolved_problems,
    waiting_for_office,
)
from ledger.plan import read_plan
from ledger.stages import carry_out, decide

DONE = {Move.PAUSE: "已暂停", Move.RESUME: "已恢复", Move.CLOSE: "已结束", Move.CANCEL: "已取消"}
COUNTED = ("应报", "已报", "按时", "已收", "未报", "免报")


def launch(
    desk: Desk,
    plan: Path,
    keep: Sequence[str],
    move: Sequence[tuple[str, date]],
    drop: Sequence[str],
    reason: str,
) -> Answer:
    """Launch a campaign; every fixed date passed or near is listed with the answer taken."""
    text = read_text(plan)
    read = read_plan(text, str(plan))
    answers = Typed(keep, move, drop).answers()
    asked = dates_of(read, answers, desk.today, desk.calendar)
    fixed_dates.check_items(answers, asked)
    # What has been read is let go: nobody waits for the ledger while a person thinks.
    desk.session.rollback()
    answers = fixed_dates.ask(desk, asked, answers)
    folder = str(plan.resolve().parent)
    campaign = launch_campaign(
        desk.session, read, text, folder, desk.actor, desk.now, desk.calendar, answers
    )
    if reason:
        note = f"已过或临近的日期如此处理的理由：{reason}"
        about: dict[str, object] = {"campaign_id": campaign.id, "note": note}
        record(desk.session, desk.actor, Act.FIXED_DATE, desk.now, **about)
    taken = dates_of(read, answers, desk.today, desk.calendar)
    row = campaign_row(desk.session, campaign)
    carried = _carried_over(desk, read.follows) if read.follows else []
    said = [f"活动“{campaign.name}”已启动，编号 {campaign.slug}。", *carried, *_listed(desk, taken)]
    return Answer({**vars(row), "fixed_dates": fixed_dates.plain(taken, desk.today)}, said)


def _carried_over(desk: Desk, earlier: str) -> list[str]:
    """How many problems of the earlier campaign are still to be followed."""
    number = unsolved_problems(desk.session, earlier)
    if number is None:
        missing = f"台账里没有它接续的活动 {earlier}"
        return [f"{missing}；那里没有解决的问题，请用 duban problem register 补立。"]
    return [f"它接续的活动 {earlier} 还有 {number} 个问题没有销号，继续跟踪。"]


def status(desk: Desk, slug: str | None) -> Answer:
    """One campaign with its stages and what waits for the office, or all campaigns in a line."""
    if slug is None:
        rows = campaign_rows(desk.session)
        return Answer(rows, [_campaigns(rows)])
    campaign = find_campaign(desk.session, slug)
    row = campaign_row(desk.session, campaign)
    stages = stage_rows(desk.session, campaign, desk.calendar)
    waiting = waiting_for_office(desk.session, campaign, desk.today)
    headings = ("阶段", "编号", "状态", "起", "止", *COUNTED)
    cells = [(s.name, s.key, s.state, s.starts_on, s.due, *s.counts.plain()) for s in stages]
    said: list[str | Table] = [
        f"{campaign.name}（{campaign.slug}）：{campaign.state}",
        Table(headings, [*cells, ("合计", "", "", "", "", *row.counts.plain())]),
        table(waiting, {"what": "等活动办办理", "count": "件数"}, "等活动办办理的事"),
    ]
    return Answer({**vars(row), "stages": stages, "waiting_for_office": waiting}, said)


def decide_stage(desk: Desk, slug: str, stage: str, opening: bool, reason: str) -> Answer:
    """Move a stage on (转段), or open one."""
    campaign = find_campaign(desk.session, slug)
    found = find_stage(desk.session, campaign, stage)
    near = _near(desk, campaign, found) if opening else []
    move = Move.OPEN if opening else Move.FINISH
    decision = _carry_out(desk, campaign, move, found, reason)
    return _decided(desk, decision, f"阶段“{found.name}”{found.state}。", near)


def extend(desk: Desk, slug: str, stage: str, new_due: date, reason: str) -> Answer:
    """Another end for a stage; only dates written relative to it move along."""
    campaign = find_campaign(desk.session, slug)
    found = find_stage(desk.session, campaign, stage)
    old = found.due
    decision = _carry_out(desk, campaign, Move.EXTEND, found, reason, new_due)
    words = f"阶段“{found.name}”由 {old or '未定'} 延至 {new_due}。"
    return _decided(desk, decision, words, _near(desk, campaign, found))


def pause(desk: Desk, slug: str, reason: str) -> Answer:
    """Stop every clock of a campaign."""
    return _whole(desk, slug, Move.PAUSE, reason)


def resume(desk: Desk, slug: str, reason: str) -> Answer:
    """Let the clocks go on."""
    return _whole(desk, slug, Move.RESUME, reason)


def close(desk: Desk, slug: str, reason: str) -> Answer:
    """End a campaign."""
    return _whole(desk, slug, Move.CLOSE, reason)


def cancel(desk: Desk, slug: str, reason: str) -> Answer:
    """Call a campaign off."""
    return _whole(desk, slug, Move.CANCEL, reason)


def _whole(desk: Desk, slug: str, move: Move, reason: str) -> Answer:
    campaign = find_campaign(desk.session, slug)
    decision = _carry_out(desk, campaign, move, None, reason)
    return _decided(desk, decision, f"活动“{campaign.short}”{DONE[move]}。", [])


def _carry_out(
    desk: Desk,
    campaign: Campaign,
    move: Move,
    stage: Stage | None,
    reason: str,
    new_due: date | None = None,
) -> Decision:
    """Write the decision and carry it out, in one transaction: a refused one leaves nothing."""
    decision = decide(desk.session, campaign, move, desk.actor, desk.now, stage, reason, new_due)
    if not carry_out(desk.session, decision, desk.now, desk.calendar):
        raise click.ClickException(decision.refused or "这个决定没能执行；请先看活动状态。")
    return decision


def _decided(desk: Desk, decision: Decision, words: str, near: Sequence[FixedDate]) -> Answer:
    stage = decision.stage
    data: dict[str, Any] = {
        "decision": decision.id,
        "campaign": decision.campaign.slug,
        "campaign_state": decision.campaign.state,
        "move": decision.move,
        "stage": stage.key if stage else None,
        "stage_state": stage.state if stage else None,
        "due": stage.due if stage else None,
        "by": desk.actor.name,
        "reason": decision.reason,
        "carried_out_at": decision.carried_out_at,
        "fixed_dates": fixed_dates.plain(near, desk.today),
    }
    return Answer(data, [words, *_listed(desk, near)])


def _near(desk: Desk, campaign: Campaign, stage: Stage) -> list[FixedDate]:
    """Fixed dates of the stage's items that have passed or are near; they do not move with it."""
    plan = plan_of(desk.session, campaign)
    found = dates_of(plan, {}, desk.today, desk.calendar)
    return [fixed for fixed in found if fixed.item.stage == stage.key]


def _listed(desk: Desk, dates: Sequence[FixedDate]) -> list[str | Table]:
    if not dates:
        return []
    title = "通知写明的日期已过或临近的事项（不随阶段移动）："
    return [fixed_dates.table(dates, desk.today, title)]


def _campaigns(rows: Sequence[CampaignRow]) -> Table:
    headings = ("编号", "简称", "状态", "启动", "结束", "进行中的阶段", *COUNTED)
    cells = [
        (
            *(row.slug, row.short, row.state, row.launched_at, row.ends_on or row.closed_at),
            "；".join(row.stages_open),
            *row.counts.plain(),
        )
        for row in rows
    ]
    return Table(headings, cells)
