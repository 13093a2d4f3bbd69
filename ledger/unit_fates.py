"""What becomes of units: renamed, merged into another, closed. Rates of the past stand.

A change holds from a day of which nothing has been settled yet: not in the future, not before the
unit was there or was last changed, not before what it owed last fell due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.campaigns import OVER, Campaign
from ledger.deadlines import Deadline
from ledger.errors import Refused
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState, about
from ledger.problems import SETTLED, Problem
from ledger.releasing import release
from ledger.unit_history import gone, may_change_from, respondents_of
from ledger.units import LONGEST_NAME, Post, Respondent, Unit, UnitChange, UnitFate
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Parting:
    """What a unit left behind: rows released, problems handed over or still to be handed over."""

    released: int
    problems: tuple[str, ...]


def rename_unit(
    session: Session,
    unit: Unit,
    name: str,
    on: date,
    by: Actor,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """Another name for the same unit, from a day on; what it owes and has handed in stays its own.

    Raises Refused when the name is empty, too long, its own, or another unit's.
    """
    name = name.strip()
    if not name or name == unit.name:
        raise Refused(f"请写“{unit.name}”的新名称，且与现在的不同。")
    if session.scalar(select(Unit.id).where(Unit.name == name)) is not None:
        raise Refused(f"已经有单位叫“{name}”；两个单位合并请用 duban units merge。")
    _check_day(session, unit, on, now, cal)
    named = {
        respondent: name + respondent.name.removeprefix(unit.name)
        for respondent in session.scalars(respondents_of(unit))
    }
    if max(map(len, (name, *named.values()))) > LONGEST_NAME:
        raise Refused(f"新名称太长，连同岗位的人名不能超过 {LONGEST_NAME} 个字；请写简短些。")
    _write(session, unit, UnitFate.RENAMED, on, by, reason, now, new_name=name)
    for respondent, words in named.items():
        respondent.name = words
    unit.name = name


def close_unit(
    session: Session, unit: Unit, on: date, by: Actor, reason: str, now: datetime, cal: WorkCalendar
) -> Parting:
    """The unit is no more from a day on: what it still owes is released, its posts end.

    Problems not struck off stay in its name, for the office to hand over.
    """
    _check_leaving(session, unit, on, now, cal)
    _write(session, unit, UnitFate.CLOSED, on, by, reason, now)
    released = _leave(session, unit, on, by, f"单位自 {on} 起撤销", now)
    return Parting(released, tuple(_said(problem) for problem in _open_problems(session, unit)))


def merge_unit(
    session: Session,
    unit: Unit,
    into: Unit,
    on: date,
    by: Actor,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
) -> Parting:
    """The unit goes on in another from a day on, which takes over its problems, not its returns.

    Raises Refused for a merge with itself or into a unit that is closed.
    """
    if unit.id == into.id:
        raise Refused(f"“{unit.name}”不能并入自己；请写另一个单位。")
    _check_leaving(session, unit, on, now, cal)
    if end := gone(session, into, cal.local_day(now)):
        raise Refused(f"{end}，不能并入；请核对。")
    if into.valid_from is not None and into.valid_from > on:
        raise Refused(f"“{into.name}”自 {into.valid_from} 才有，不能在 {on} 并入；请核对。")
    _write(session, unit, UnitFate.MERGED, on, by, reason, now, into=into)
    released = _leave(session, unit, on, by, f"单位自 {on} 起并入{into.name}", now)
    heir = session.scalars(select(Respondent).where(Respondent.unit_id == into.id)).one()
    problems = _open_problems(session, unit)
    for problem in problems:
        _hand_over(session, problem, into, heir, by, now)
    return Parting(released, tuple(_said(problem) for problem in problems))


def _check_leaving(
    session: Session, unit: Unit, on: date, now: datetime, cal: WorkCalendar
) -> None:
    if end := gone(session, unit, cal.local_day(now)):
        raise Refused(f"{end}，不能再合并或撤销；请核对。")
    _check_day(session, unit, on, now, cal)


def _check_day(session: Session, unit: Unit, on: date, now: datetime, cal: WorkCalendar) -> None:
    today = cal.local_day(now)
    if on > today:
        raise Refused(
            f"{on} 还没有到：更名、合并、撤销当天生效，请到那天再办；"
            "要撤销的，也可以先在单位表的“止”一栏写前一天后导入，那以后不再向它开立新的报送。"
        )
    first = may_change_from(session, unit, today)
    if first is not None and on < first:
        raise Refused(
            f"“{unit.name}”在 {first} 以前的事已经定了（设立、上一次变更、已过期限的报送），"
            f"不能从 {on} 起改；请写 {first} 到 {today} 之间的一天。"
        )


def _write(
    session: Session,
    unit: Unit,
    fate: UnitFate,
    on: date,
    by: Actor,
    reason: str,
    now: datetime,
    into: Unit | None = None,
    new_name: str | None = None,
) -> None:
    session.add(
        UnitChange(
            unit_id=unit.id,
            fate=fate,
            into_id=into.id if into else None,
            on=on,
            old_name=unit.name,
            new_name=new_name,
            reason=reason,
            at=now,
            by_post_id=by.post.id if by.post else None,
        )
    )
    to = f"为{new_name}" if new_name else f"，并入{into.name}" if into else ""
    note = f"“{unit.name}”自 {on} 起{fate}{to}" + (f"；{reason}" if reason else "")
    record(session, by, Act.UNIT_CHANGED, now, note=note)


def _leave(session: Session, unit: Unit, on: date, by: Actor, why: str, now: datetime) -> int:
    """Its posts and it end on the day before; what it still owes is released, and how much."""
    last = on - timedelta(days=1)
    unit.valid_until = last
    for post in session.scalars(select(Post).where(Post.unit_id == unit.id)):
        post.valid_until = min(post.valid_until or last, last)
    ids = [respondent.id for respondent in session.scalars(respondents_of(unit))]
    owed = session.scalars(
        select(Obligation).where(
            Obligation.respondent_id.in_(ids), Obligation.state.in_(TAKES_HAND_IN)
        )
    ).all()
    for obligation in owed:
        release(session, obligation, ObligationState.EXEMPT, now)
        record(session, by, Act.EXEMPTED, now, **about(obligation), note=why)
    return len(owed)


def _open_problems(session: Session, unit: Unit) -> list[Problem]:
    rows = (
        select(Problem)
        .join(Campaign, Campaign.id == Problem.campaign_id)
        .where(
            Problem.unit_id == unit.id,
            Problem.state.not_in(SETTLED),
            Campaign.state.not_in(OVER),
        )
        .order_by(Problem.id)
    )
    return list(session.scalars(rows))


def _hand_over(
    session: Session, problem: Problem, into: Unit, heir: Respondent, by: Actor, now: datetime
) -> None:
    """The problem goes on at another unit, with its due date and where its ladder stands."""
    problem.unit = into
    deadline = session.scalar(select(Deadline).where(Deadline.problem_id == problem.id))
    if deadline is not None:
        deadline.respondent_id = heir.id
    note = f"单位合并，转由{into.name}整改"
    about_it = {"campaign_id": problem.campaign_id, "problem_id": problem.id, "due": problem.due}
    record(session, by, Act.UNIT_CHANGED, now, **about_it, note=note)


def _said(problem: Problem) -> str:
    return f"{problem.campaign.slug} 第{problem.number}号 {problem.title}"
