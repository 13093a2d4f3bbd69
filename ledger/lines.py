"""The lines of messages: one row per item, with all a line says, read in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from ledger.line_rows import DATED, line_rows
from ledger.messages import ItemKind, MessageKind
from ledger.obligations import ObligationState
from ledger.reasons import Reason, because
from ledger.roles import Role
from ledger.signing import through_whom
from ledger.titles import obligation_title, one_line, period_name, problem_title
from ledger.workdays import WorkCalendar

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

    `signs`: the message through which its reader still has to sign. `again`: it may have been said
    before.
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
    again: bool = False

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
    rows = session.execute(line_rows(), values).all()
    asked = {row.signature_id for row in rows if row.signature_id is not None}
    theirs = through_whom(session, asked) if asked else {}
    return [(row.message_id, _line(row, now, cal, _signs(row, theirs))) for row in rows]


def _signs(row: Row[Any], theirs: Mapping[tuple[int, int], int]) -> int | None:
    """The reader's own message; a deputy, in whose hands the line was put, has the holder's.

    Heads told about somebody else sign for nothing: they are given no day.
    """
    if row.signature_id is None or row.item_due is None:
        return None
    own = theirs.get((row.signature_id, row.person_id))
    if own is None and row.person_id == row.deputy_id:
        return theirs.get((row.signature_id, row.holder_id))
    return own


def _line(row: Row[Any], now: datetime, cal: WorkCalendar, signs: int | None) -> Line:
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
        signs=signs,
        again=row.again,
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
