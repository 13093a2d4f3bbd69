"""The lines of messages: one row per item, with all a line says, read in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Row,
    Select,
    and_,
    bindparam,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from ledger.absences import away_on
from ledger.announcements import superseded
from ledger.campaigns import Campaign, Deliverable, Stage
from ledger.deadlines import Clock, Deadline, LadderRow, LadderRung, RungFire
from ledger.messages import Item, ItemKind, Message, MessageKind
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.problems import Problem
from ledger.reasons import Reason, because
from ledger.roles import Role
from ledger.signatures import Signature
from ledger.titles import obligation_title, one_line, period_name, problem_title
from ledger.units import Person, Post, Respondent, Unit
from ledger.workdays import WorkCalendar

DATED = frozenset({ItemKind.RUNG, ItemKind.WEEKLY})
"""Lines that hold only while their deadline runs; every other line is news and stays."""

SAID_IN_TIME = (*DATED, ItemKind.MISSING, ItemKind.ANNOUNCED, ItemKind.UNSIGNED)
"""Lines that hold only for a time of their own kind; every other one until withdrawn."""

GROWS_LATE = frozenset({*DATED, ItemKind.MISSING, ItemKind.STAGE_WAITING})

ABOVE_A_UNIT = frozenset({Role.LEADER, Role.SUPERVISION})


class Section(IntEnum):
    """Where in a message a line stands."""

    OWN = 1
    OVERDUE = 2
    AHEAD = 3
    NEWS = 4
    MISSING = 5
    UNDATED = 6


@dataclass(frozen=True)
class Line:
    """One line. `days_late` are calendar days, 0 when not late; `provisional` is of its `due`.

    `signs`: the message that is still to be signed for.
    """

    kind: ItemKind
    campaign: str
    campaign_name: str
    subject: tuple[int | None, int | None]
    title: str
    unit: str
    what: str
    period: str
    due: date | None
    provisional: bool
    days_late: int
    ladder: str | None
    rung: int | None
    repeat: int
    rung_name: str
    receiver: str | None
    news: str
    at: datetime
    reason: Reason
    signs: int | None = None

    @property
    def word(self) -> str:
        """What kind of line it is, as people say it."""
        if self.kind is ItemKind.RUNG:
            return self.rung_name + (f"（第{self.repeat + 1}次）" if self.repeat else "")
        return "本周清单" if self.kind is ItemKind.WEEKLY else ""

    @property
    def section(self) -> Section:
        """Where the line stands."""
        if self.kind in DATED:
            if self.reason.own:
                return Section.OWN
            return Section.OVERDUE if self.days_late else Section.AHEAD
        if self.kind is ItemKind.MISSING:
            return Section.MISSING
        return Section.UNDATED if self.kind is ItemKind.UNDATED else Section.NEWS

    @property
    def headline(self) -> str:
        """The line in one phrase."""
        return self.news if self.section is Section.NEWS else self.title

    @property
    def why(self) -> str:
        """Why this person gets this line."""
        return because([self.reason])


def read_lines(
    session: Session, message_ids: Sequence[int], now: datetime, cal: WorkCalendar
) -> list[tuple[int, Line]]:
    """The lines of these messages that still hold at `now`, with the id of their message."""
    values = {"ids": message_ids, "now": now, "today": cal.local_day(now)}
    rows = session.execute(_rows(), values).all()
    return [(row.message_id, _line(row, now, cal)) for row in rows]


@cache
def _rows() -> Select[Any]:
    """Items joined with what they are about; what no longer holds is left out here.

    Built once: to build it takes longer than to run it for one message.
    """
    unit, post_unit, holder = aliased(Unit), aliased(Unit), aliased(Person)
    signed = aliased(Message)
    rung = and_(LadderRung.ladder_id == Deadline.ladder_id, LadderRung.rung == RungFire.rung)
    ids: BindParameter[int] = bindparam("ids", expanding=True)
    about = func.coalesce(Item.deliverable_id, Obligation.deliverable_id)
    return (
        select(*_item_columns(), *_subject_columns(unit))
        .add_columns(post_unit.name.label("post_unit"), holder.name.label("holder"))
        .add_columns(_holder_is_away().label("away"))
        .select_from(Item)
        .join(Message, Message.id == Item.message_id)
        .join(Post, Post.id == Item.post_id)
        .join(holder, holder.id == Post.person_id)
        .outerjoin(post_unit, post_unit.id == Post.unit_id)
        .outerjoin(Campaign, Campaign.id == Item.campaign_id)
        .outerjoin(Stage, Stage.id == Item.stage_id)
        .outerjoin(RungFire, RungFire.id == Item.rung_fire_id)
        .outerjoin(Deadline, Deadline.id == Item.deadline_id)
        .outerjoin(LadderRow, LadderRow.id == Deadline.ladder_id)
        .outerjoin(LadderRung, rung)
        .outerjoin(Obligation, Obligation.id == Item.obligation_id)
        .outerjoin(Respondent, Respondent.id == Obligation.respondent_id)
        .outerjoin(Deliverable, Deliverable.id == about)
        .outerjoin(Problem, Problem.id == Item.problem_id)
        .outerjoin(unit, unit.id == Problem.unit_id)
        .outerjoin(Signature, Signature.id == Item.signature_id)
        .outerjoin(signed, signed.id == Signature.message_id)
        .where(Item.message_id.in_(ids), Item.dropped.is_(null()), _holds(signed))
        .order_by(Item.message_id, Item.id)
    )


def _item_columns() -> tuple[Any, ...]:
    return (
        Item.message_id,
        Message.kind.label("message_kind"),
        Item.kind,
        Item.at,
        Item.why,
        Item.due.label("item_due"),
        Item.count,
        Item.person_id,
        Item.post_id,
        Item.obligation_id,
        Item.problem_id,
        Post.role,
        Post.person_id.label("holder_id"),
        Post.deputy_id,
        Campaign.short,
        Campaign.name.label("campaign_name"),
        Signature.message_id.label("signs"),
    )


def _subject_columns(unit: Any) -> tuple[Any, ...]:
    return (
        RungFire.rung,
        RungFire.repeat,
        LadderRung.name.label("rung_name"),
        LadderRow.name.label("ladder"),
        Deadline.due.label("deadline_due"),
        Obligation.period,
        Obligation.state,
        Obligation.correction_due,
        Respondent.name.label("respondent"),
        Respondent.post_id.label("owing_post_id"),
        Deliverable.what,
        Deliverable.receiver,
        Stage.name.label("stage"),
        Problem.number,
        Problem.title.label("matter"),
        unit.name.label("problem_unit"),
    )


def _holder_is_away() -> Any:
    """Told in the place of a holder who is out of office today."""
    return and_(Item.person_id != Post.person_id, away_on(bindparam("today", type_=Date)))


def _holds(signed: type[Message]) -> Any:
    """A reminder holds while its deadline runs in the same epoch; a missing one while missing.

    Nothing is said any more about what has been withdrawn. What the office says holds until it is
    put right or taken back, an unsigned one (the message `signed`) until it is signed, too.
    """
    now = bindparam("now", type_=Obligation.lock_at.type)
    unlocked = or_(Obligation.lock_at.is_(null()), Obligation.lock_at > now)
    runs = and_(Deadline.clock == Clock.RUNNING, Deadline.epoch == Item.epoch, unlocked)
    withdrawn = func.coalesce(Obligation.state, "") == ObligationState.WITHDRAWN
    owed = Obligation.state.in_((*TAKES_HAND_IN, ObligationState.MISSED))
    return or_(
        and_(Item.kind.in_(DATED), runs),
        and_(Item.kind == ItemKind.MISSING, owed),
        and_(Item.kind == ItemKind.ANNOUNCED, ~superseded(Message.announcement_id)),
        and_(
            Item.kind == ItemKind.UNSIGNED,
            Signature.signed_at.is_(null()),
            ~superseded(signed.announcement_id),
        ),
        and_(Item.kind.not_in(SAID_IN_TIME), ~withdrawn),
    )


def _line(row: Row[Any], now: datetime, cal: WorkCalendar) -> Line:
    due, title = _due(row), one_line(_title(row))
    seen = row.at if row.message_kind is MessageKind.RECEIPT else now
    late = row.kind in GROWS_LATE or row.message_kind is MessageKind.RECEIPT
    return Line(
        kind=row.kind,
        campaign=one_line(row.short or ""),
        campaign_name=one_line(row.campaign_name or ""),
        subject=(row.obligation_id, row.problem_id),
        title=title,
        unit=one_line(row.respondent or row.problem_unit or row.post_unit or ""),
        what=one_line(row.what or row.matter or row.stage or ""),
        period=period_name(row.period) if row.period else "",
        due=due,
        provisional=due is not None and cal.provisional(due),
        days_late=max(0, (cal.local_day(seen) - due).days) if late and due else 0,
        ladder=row.ladder,
        rung=row.rung,
        repeat=row.repeat or 0,
        rung_name=one_line(row.rung_name or ""),
        receiver=one_line(row.receiver) if row.receiver else None,
        news=one_line(_news(row, title)),
        at=row.at,
        reason=_reason(row),
        signs=row.signs,
    )


def _due(row: Row[Any]) -> date | None:
    """The date that counts now; what is closed has none."""
    if row.kind is ItemKind.CLOSED:
        return None
    if row.kind in DATED:
        return row.deadline_due  # type: ignore[no-any-return]
    if row.state is ObligationState.RETURNED:
        return row.correction_due  # type: ignore[no-any-return]
    return row.item_due  # type: ignore[no-any-return]


def _title(row: Row[Any]) -> str:
    if row.respondent is not None:
        return obligation_title(row.respondent, row.what, row.period)
    if row.number is not None:
        return problem_title(row.number, row.problem_unit, row.matter)
    return row.what or row.stage or row.campaign_name or ""


def _news(row: Row[Any], title: str) -> str:
    if row.kind in (*DATED, ItemKind.MISSING):
        return ""
    if row.kind is ItemKind.UNDATED:
        return f"{row.count}个单位（岗位）应报，{row.why}"
    if row.kind is ItemKind.REDATED:
        return f"“{title}”{row.why}"
    if row.kind is ItemKind.SET_ASIDE:
        return f"“{title}”的数据有误，已移出日程，请核对后恢复（{row.why}）"
    return row.why  # type: ignore[no-any-return]


def _reason(row: Row[Any]) -> Reason:
    owes = row.owing_post_id is not None and row.owing_post_id == row.post_id
    deputy = row.person_id == row.deputy_id != row.holder_id
    unit = row.respondent or row.problem_unit if row.role in ABOVE_A_UNIT else row.post_unit
    instead = "" if owes or deputy else row.why
    return Reason(
        role=row.role,
        unit=one_line(unit or ""),
        own=owes and not deputy,
        deputy_of=one_line(row.holder) if deputy else "",
        away=bool(deputy and row.away),
        instead=one_line(instead) if row.kind is ItemKind.RUNG else "",
    )
