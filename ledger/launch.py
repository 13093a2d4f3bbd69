"""Launching a campaign: the plan becomes rows, and the first stages open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.audience import campaign_posts
from ledger.audit import Act, Actor, record
from ledger.campaigns import (
    Campaign,
    CampaignState,
    Decision,
    Move,
    PlanVersion,
)
from ledger.deliverables import KEEP, Asking
from ledger.errors import Refused
from ledger.messages import ItemKind, MessageKind
from ledger.opening import first_opening
from ledger.plan import (
    Item,
    Passed,
    PassedAction,
    Plan,
    PlanError,
    check_against,
)
from ledger.roles import Role
from ledger.signing import ask_contacts_to_sign
from ledger.staging import await_opening, write_stages
from ledger.telling import News, tell_at_once
from ledger.units import Unit
from ledger.workdays import WorkCalendar

NEAR = 3
"""Working days within which a fixed date is asked about at launch."""

Answers = Mapping[str, Passed]


@dataclass(frozen=True)
class FixedDate:
    """A date of the notice that has passed or is near at launch, and what was answered."""

    item: Item
    due: date
    answer: Passed


def unit_classes(session: Session) -> dict[str, int]:
    """How many units there are of each class."""
    rows = session.execute(select(Unit.unit_class, func.count(Unit.id)).group_by(Unit.unit_class))
    return {name: number for name, number in rows}


def fixed_dates(
    plan: Plan, answers: Answers, launched_on: date, cal: WorkCalendar
) -> list[FixedDate]:
    """The one-off dates that have passed or fall within 3 working days: keep, move or drop."""
    near = cal.shift(launched_on, NEAR)
    return [
        FixedDate(item, item.due_rule, answers.get(item.id) or item.passed or KEEP)
        for item in plan.items
        if isinstance(item.due_rule, date) and item.due_rule <= near and not plan.is_external(item)
    ]


def launch(
    session: Session,
    plan: Plan,
    text: str,
    folder: str,
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
    answers: Answers | None = None,
) -> Campaign:
    """Write the campaign with its stages and deliverables, open what opens at launch, tell all.

    Raises PlanError when something is asked of a class no unit has, Refused when the slug is taken.
    """
    _check(session, plan)
    campaign = _write_campaign(session, plan, text, folder, by, now)
    stages = write_stages(session, plan, campaign)
    session.refresh(campaign)
    for part in plan.stages:
        await_opening(session, plan, part, stages[part.id], now, cal)
    session.flush()
    today = cal.local_day(now)
    passed = fixed_dates(plan, answers or {}, today, cal)
    _write_deliverables(session, plan, campaign, passed, today, cal)
    for fixed in passed:
        note = f"{fixed.item.what}（{fixed.due}）：{_said(fixed.answer)}"
        record(session, by, Act.FIXED_DATE, now, campaign_id=campaign.id, note=note)
    _tell_all(session, campaign, now, cal)
    if plan.sign.launch:
        ask_contacts_to_sign(session, campaign, plan.sign.within, now, cal)
    return campaign


def _write_campaign(
    session: Session, plan: Plan, text: str, folder: str, by: Actor, now: datetime
) -> Campaign:
    """The campaign with the first version of its plan; the launch itself is its first move."""
    campaign = Campaign(
        slug=plan.slug,
        name=plan.name,
        short=plan.short,
        timezone=plan.timezone,
        state=CampaignState.RUNNING,
        launched_at=now,
        ends_on=plan.ends,
    )
    session.add(campaign)
    session.flush()
    post_id = by.post.id if by.post else None
    session.add(
        PlanVersion(
            campaign_id=campaign.id,
            number=1,
            text=text,
            folder=folder,
            written_at=now,
            by_post_id=post_id,
        )
    )
    session.add(
        Decision(
            campaign_id=campaign.id,
            move=Move.LAUNCH,
            by_post_id=post_id,
            decided_at=now,
            carried_out_at=now,
        )
    )
    record(session, by, Act.LAUNCHED, now, campaign_id=campaign.id)
    return campaign


def _check(session: Session, plan: Plan) -> None:
    taken = session.scalar(select(Campaign.name).where(Campaign.slug == plan.slug))
    if taken is not None:
        raise Refused(f"编号 {plan.slug} 已由“{taken}”使用；请在方案里换一个 slug。")
    names = set(session.scalars(select(Unit.name)))
    if faults := check_against(plan, unit_classes(session), names):
        raise PlanError(faults)


def _write_deliverables(
    session: Session,
    plan: Plan,
    campaign: Campaign,
    passed: list[FixedDate],
    today: date,
    cal: WorkCalendar,
) -> None:
    answers = {fixed.item.id: fixed.answer for fixed in passed}
    asking = Asking(session, plan, campaign)
    for item in plan.items:
        if plan.is_external(item):
            continue
        answer = answers.get(item.id, KEEP)
        row = asking.write(item, answer)
        if answer.action is not PassedAction.DROP:
            row.next_open_on = first_opening(row, today, cal)


def _said(answer: Passed) -> str:
    if answer.action is PassedAction.MOVE:
        return f"改为 {answer.move}"
    return "保留原日期" if answer.action is PassedAction.KEEP else "不再要求"


def _tell_all(session: Session, campaign: Campaign, now: datetime, cal: WorkCalendar) -> None:
    roles = (
        Role.CONTACT,
        Role.HEAD,
        Role.LEADER,
        Role.SUPERVISION,
        Role.LEADING_GROUP,
        Role.OFFICE,
    )
    about = {"campaign_id": campaign.id}
    news = News(ItemKind.ACT, f"launch-{campaign.id}", f"活动“{campaign.name}”启动", about)
    posts = campaign_posts(campaign.id, roles, cal.local_day(now))
    tell_at_once(session, MessageKind.LAUNCH, news, posts, now, cal)
