"""Launching a campaign: the plan becomes rows, and the first stages open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.campaigns import (
    Campaign,
    CampaignState,
    Decision,
    Deliverable,
    DeliverableTarget,
    Move,
    PlanVersion,
    Stage,
    StageAfter,
    StageMark,
    StageState,
)
from ledger.errors import Refused
from ledger.ladders import keep_ladder
from ledger.messages import ItemKind, MessageKind
from ledger.opening import first_opening
from ledger.plan import (
    CAMPAIGN_END,
    STAGE_END,
    Item,
    OpenedPlus,
    OpeningKind,
    Passed,
    PassedAction,
    Plan,
    PlanError,
    check_against,
)
from ledger.roles import Role
from ledger.stages import campaign_posts, open_by_plan
from ledger.telling import News, tell_at_once
from ledger.units import Unit
from ledger.workdays import WorkCalendar

NEAR = 3
"""Working days within which a fixed date is asked about at launch."""

KEEP = Passed(action=PassedAction.KEEP)

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
        if isinstance(item.due_rule, date) and item.due_rule <= near
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
    stages = _write_stages(session, plan, campaign)
    session.refresh(campaign)
    _open_first_stages(session, plan, stages, now, cal)
    today = cal.local_day(now)
    passed = fixed_dates(plan, answers or {}, today, cal)
    _write_deliverables(session, plan, campaign, stages, passed, today, cal)
    for fixed in passed:
        note = f"{fixed.item.what}（{fixed.due}）：{_said(fixed.answer)}"
        record(session, by, Act.FIXED_DATE, now, campaign_id=campaign.id, note=note)
    _tell_all(session, campaign, now, cal)
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


def _write_stages(session: Session, plan: Plan, campaign: Campaign) -> dict[str, Stage]:
    stages: dict[str, Stage] = {}
    for position, part in enumerate(plan.stages):
        stages[part.id] = Stage(
            campaign_id=campaign.id,
            key=part.id,
            name=part.name,
            position=position,
            starts_on=part.from_,
            due=_earlier(part.last, plan.ends),
            state=StageState.WAITING,
        )
        session.add(stages[part.id])
    session.flush()
    for part in plan.stages:
        stages[part.id].parent_id = stages[part.parent].id if part.parent else None
        for before in plan.opening_of(part).after:
            session.add(StageAfter(stage_id=stages[part.id].id, after_id=stages[before].id))
    session.flush()
    return stages


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day is not None), default=None)


def _open_first_stages(
    session: Session, plan: Plan, stages: Mapping[str, Stage], now: datetime, cal: WorkCalendar
) -> None:
    today = cal.local_day(now)
    for part in plan.stages:
        opening, stage = plan.opening_of(part), stages[part.id]
        opens_on = today if opening.kind is OpeningKind.LAUNCH else opening.on
        if opening.kind not in (OpeningKind.DATE, OpeningKind.LAUNCH):
            continue
        if opens_on is None or opens_on <= today:
            open_by_plan(session, stage, now, cal)
        else:
            stage.next_at, stage.next_mark = cal.start_of(opens_on), StageMark.OPEN
    session.flush()


def _write_deliverables(
    session: Session,
    plan: Plan,
    campaign: Campaign,
    stages: Mapping[str, Stage],
    passed: list[FixedDate],
    today: date,
    cal: WorkCalendar,
) -> None:
    answers = {fixed.item.id: fixed.answer for fixed in passed}
    ladders = {name: keep_ladder(session, name, ladder).id for name, ladder in plan.ladders.items()}
    units = {name: id for id, name in session.execute(select(Unit.id, Unit.name))}
    for item in plan.items:
        answer = answers.get(item.id, KEEP)
        row = _deliverable(plan, item, campaign, stages, ladders[item.ladder], answer)
        session.add(row)
        session.flush()
        if answer.action is not PassedAction.DROP:
            row.next_open_on = first_opening(row, today, cal)
        _write_targets(session, plan, item, row, units)


def _deliverable(
    plan: Plan,
    item: Item,
    campaign: Campaign,
    stages: Mapping[str, Stage],
    ladder_id: int,
    answer: Passed,
) -> Deliverable:
    window, rule = plan.window_of(item), item.due_rule
    due_on = plan.ends if rule == CAMPAIGN_END else rule if isinstance(rule, date) else None
    return Deliverable(
        campaign=campaign,
        stage=stages[item.stage] if item.stage else None,
        key=item.id,
        what=item.what,
        receiver=item.to,
        cycle=item.cycle,
        first_on=window.first,
        last_on=window.last,
        ends_with_campaign=window.ends_with_campaign,
        due_on=answer.move or due_on,
        due_stage_end=item.due == STAGE_END,
        due_after_opening=item.due.workdays if isinstance(item.due, OpenedPlus) else None,
        roll=plan.roll_of(item),
        asked_min=item.required,
        asked_max=item.quota.max if item.quota else None,
        each_person=item.per_person or any(t.each_person for t in plan.targets(item)),
        reviewed=item.review,
        correction_days=item.correction_days,
        ladder_id=ladder_id,
    )


def _write_targets(
    session: Session, plan: Plan, item: Item, row: Deliverable, units: Mapping[str, int]
) -> None:
    for target in plan.targets(item):
        session.add(
            DeliverableTarget(
                deliverable_id=row.id,
                unit_class=target.unit_class,
                unit_id=units[target.unit] if target.unit else None,
                role=target.role,
            )
        )
        spared: list[dict[str, Any]] = [{"unit_id": units[name]} for name in target.but_not_units]
        spared += [{"unit_class": name} for name in target.but_not_classes]
        session.add_all(
            DeliverableTarget(deliverable_id=row.id, role=target.role, excluded=True, **about)
            for about in spared
        )
    session.flush()


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
