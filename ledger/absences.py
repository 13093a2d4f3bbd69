"""Absences (外出): who is away, from which day to which; their deputies hear in their stead."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    SQLColumnExpression,
    Text,
    and_,
    exists,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column, relationship

from ledger.audit import Act, Actor, record
from ledger.base import Base
from ledger.errors import Refused
from ledger.units import Day, Person, Post


class Absence(Base):
    """A person is out of office between two days, both included; without a last day until told.

    One whose last day lies before its first was called off before it began.
    """

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    first: Mapped[date]
    last: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))

    person: Mapped[Person] = relationship()

    @property
    def span(self) -> str:
        """From when to when, inside a sentence."""
        return f"{self.first} 至 {self.last}" if self.last else f"{self.first} 起"


def away_on(day: Day, person_id: SQLColumnExpression[Any] = Post.person_id) -> ColumnElement[bool]:
    """That person, by default a post's holder, is away on that day (both ends included).

    To be used in a statement that has the column `person_id` of.
    """
    away = aliased(Absence)
    lasts = or_(away.last.is_(None), away.last >= day)
    found = select(away.id).where(away.person_id == person_id, away.first <= day, lasts)
    return exists(found.correlate_except(away))


def next_absences(session: Session, day: date) -> dict[int, Absence]:
    """Who is away on that day or will be, by person: of several absences the first to come."""
    rows = session.scalars(
        select(Absence).where(_not_over(day)).order_by(Absence.first.desc(), Absence.id.desc())
    )
    return {row.person_id: row for row in rows}


def take_leave(
    session: Session,
    person: Person,
    first: date,
    last: date | None,
    reason: str,
    today: date,
    by: Actor,
    now: datetime,
) -> Absence:
    """Write that a person is away. Raises Refused: the days are wrong, or it is known."""
    if last is not None and last < max(first, today):
        wrong = "已经过去" if last >= first else f"早于“起”（{first}）"
        raise Refused(f"外出的“止”（{last}）{wrong}；请改正日期。")
    known = session.scalar(
        _of(person, first).where(true() if last is None else Absence.first <= last).limit(1)
    )
    if known is not None:
        raise Refused(
            f"{person.name}已登记外出（{known.span}），与这次重叠；"
            f"要改日期，请先用 duban posts back {person.name} 销假，再重新登记。"
        )
    absence = Absence(
        person=person,
        first=first,
        last=last,
        reason=reason,
        at=now,
        by_post_id=by.post.id if by.post else None,
    )
    session.add(absence)
    note = f"{person.name}外出：{absence.span}" + (f"；{reason}" if reason else "")
    record(session, by, Act.WENT_AWAY, now, note=note)
    return absence


def come_back(session: Session, person: Person, today: date, by: Actor, now: datetime) -> Absence:
    """The person is there again from that day on; where away only later, that is called off.

    Raises Refused when nothing of the kind is known.
    """
    absence = session.scalar(_of(person, today).limit(1))
    if absence is None:
        raise Refused(f"{person.name}没有登记外出，不需要销假。")
    before = absence.span
    absence.last = max(today, absence.first) - timedelta(days=1)
    record(session, by, Act.CAME_BACK, now, note=f"{person.name}销假：原登记 {before}")
    return absence


def _of(person: Person, day: date) -> Select[Absence]:
    """The absences of a person that are not over before that day, the first to come first."""
    rows = select(Absence).where(Absence.person_id == person.id, _not_over(day))
    return rows.order_by(Absence.first)


def _not_over(day: date) -> ColumnElement[bool]:
    """Lasts at least to that day, and was not called off."""
    lasts = or_(Absence.last.is_(None), Absence.last >= day)
    return and_(lasts, or_(Absence.last.is_(None), Absence.last >= Absence.first))
