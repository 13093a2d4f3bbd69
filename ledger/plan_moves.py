"""What the office changes in a running campaign without a new plan: a date set, a matter added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.amendment import Amending
from ledger.amendment_report import Amendment
from ledger.audit import Act, Actor, last_audit, record
from ledger.campaigns import OVER, Campaign, Deliverable, DeliverableTarget
from ledger.errors import Refused
from ledger.finding import plan_of
from ledger.ladders import keep_ladder
from ledger.obligations import Obligation, ObligationState
from ledger.opening import lock_on, waits_for_stage
from ledger.periods import OPENED_BY_OFFICE, REPEATING, Cycle
from ledger.plan_parts import Roll
from ledger.redating import Dates
from ledger.unit_history import gone
from ledger.units import Unit
from ledger.workdays import WorkCalendar

LONGEST_WHAT = 200
"""Characters that are kept of what is asked."""

EXTRA = "extra"
"""How the keys of matters asked beside the plan (临时加报) begin."""


def date_item(
    session: Session,
    row: Deliverable,
    due: date,
    by: Actor,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
) -> Amendment:
    """Set the date of a one-off, or of rows the office opened and not yet dated; received stand.

    Raises Refused for a cycle, for what is no longer asked, for a date already past, when there is
    nothing to date, and when the campaign is over.
    """
    _check_running(row.campaign)
    if row.withdrawn_at is not None:
        raise Refused(f"“{row.what}”已由后来的方案撤去，不能再定期限。")
    if row.cycle in REPEATING:
        raise Refused(f"“{row.what}”按期报送，期限随每一期；要改请用 duban plan amend 修订方案。")
    if due < cal.local_day(now):
        raise Refused(f"{due} 已经过去；请写今天以后的日期。")
    why = f"定期限（{reason}）" if reason else "定期限"
    # A date may be set, changed and set once more; each time is an occasion of its own.
    occasion = f"dated-{row.id}-{last_audit(session)}"
    under_way = Amending.begin(session, row.campaign, why, occasion, by, now, cal)
    words = f"“{row.what}”定于 {cal.written(due)} 报送"
    if row.cycle is Cycle.ONCE:
        to_open = row.next_open_on is not None or waits_for_stage(row)
        was = under_way.coming(row)
        row.due_on, row.due_stage_end, row.due_after_opening = due, False, None
        under_way.fit(row, words, opens=to_open, was=was)
    else:
        to_open = False
        _date_events(under_way, row, due, words)
    if not (under_way.report.redated or under_way.report.asked_again or to_open):
        raise Refused(_nothing_to_date(under_way, row))
    note = f"{words}；{reason}" if reason else words
    record(session, by, Act.REDATED, now, campaign_id=row.campaign_id, due=due, note=note)
    return under_way.tell()


def _nothing_to_date(under_way: Amending, row: Deliverable) -> str:
    overdue, what = under_way.report.overdue, row.what
    if overdue:
        return f"“{what}”没有报的 {overdue} 件都已过期限，期限不动；不再要的请免报。"
    if row.cycle in OPENED_BY_OFFICE:
        return f"“{what}”现在没有待定期限的应报件；要再开一次，请用 duban submission open。"
    return f"“{what}”没有期限可改的应报件：都已报来、已锁定、批过延期，或期限本来就是这一天。"


def _date_events(under_way: Amending, row: Deliverable, due: date, words: str) -> None:
    undated = select(Obligation).where(
        Obligation.deliverable_id == row.id,
        Obligation.state == ObligationState.OWED,
        Obligation.due.is_(None),
    )
    overdue = select(func.count(Obligation.id)).where(
        Obligation.deliverable_id == row.id,
        Obligation.state == ObligationState.OWED,
        Obligation.due < under_way.today,
    )
    under_way.report.overdue += under_way.session.scalar(overdue) or 0
    dates = Dates(due, lock_on(due, None, under_way.cal))
    for obligation in under_way.session.scalars(undated).all():
        under_way.move_to(obligation, dates, words)


def ask_extra(
    session: Session,
    campaign: Campaign,
    what: str,
    units: Sequence[Unit],
    due: date,
    by: Actor,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
    *,
    reviewed: bool = True,
) -> tuple[Deliverable, Amendment]:
    """Ask one thing more of some units (临时加报), beside the plan and its later versions.

    Raises Refused when it has no name or too long a one, for a date already past, for a unit that
    is not there today, and when the campaign is over.
    """
    _check_running(campaign)
    _check_extra(session, what, units, due, cal.local_day(now))
    plan = plan_of(session, campaign)
    row = Deliverable(
        campaign=campaign,
        key=_next_key(session, campaign),
        what=what,
        cycle=Cycle.ONCE,
        due_on=due,
        roll=Roll.NONE,
        reviewed=reviewed,
        ladder_id=keep_ladder(session, "submission", plan.ladders["submission"]).id,
    )
    session.add(row)
    session.flush()
    session.add_all(DeliverableTarget(deliverable_id=row.id, unit_id=unit.id) for unit in units)
    session.flush()
    why = f"临时加报：{reason}" if reason else "临时加报"
    occasion = f"{row.key}-{campaign.id}"
    under_way = Amending.begin(session, campaign, why, occasion, by, now, cal)
    under_way.add(row, f"“{what}”，{cal.written(due)} 前报送")
    note = f"临时加报“{what}”，{len(units)} 家；{reason}"
    record(session, by, Act.AMENDED, now, campaign_id=campaign.id, due=due, note=note)
    return row, under_way.tell()


def _check_extra(
    session: Session, what: str, units: Sequence[Unit], due: date, today: date
) -> None:
    if not what.strip():
        raise Refused("请写明要报什么。")
    if len(what) > LONGEST_WHAT:
        raise Refused(f"报送事项的名称不能超过 {LONGEST_WHAT} 个字；请缩短，详情另附。")
    if due < today:
        raise Refused(f"{due} 已经过去；请写今天以后的日期。")
    for unit in units:
        if end := gone(session, unit, today):
            raise Refused(f"{end}，不能再要它报；请去掉这个单位。")
        if unit.valid_from is not None and unit.valid_from > today:
            raise Refused(f"“{unit.name}”自 {unit.valid_from} 才有，还不能要它报；请到那天再加。")


def _check_running(campaign: Campaign) -> None:
    if campaign.state in OVER:
        raise Refused(f"活动“{campaign.short}”{campaign.state}，不能再加报或改期。")


def _next_key(session: Session, campaign: Campaign) -> str:
    extras = select(func.count(Deliverable.id)).where(
        Deliverable.campaign_id == campaign.id, Deliverable.key.startswith(f"{EXTRA}-")
    )
    return f"{EXTRA}-{(session.scalar(extras) or 0) + 1}"
