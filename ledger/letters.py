"""What a message says, as plain data, read at the moment it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, Row, and_, bindparam, select
from sqlalchemy.orm import Session, aliased

from ledger.announced import Announced, announced
from ledger.line_rows import DATED
from ledger.lines import Line, Section, read_lines
from ledger.messages import ItemKind, Message, MessageKind, MessageState
from ledger.reasons import because
from ledger.roles import Role
from ledger.signatures import Signature
from ledger.signing import signature_of
from ledger.sql import Rows
from ledger.titles import one_line
from ledger.units import Person
from ledger.workdays import WorkCalendar

NOTHING_LEFT = "发送前核对：均已办结"
"""Why a message is skipped when none of its lines holds any more."""

SHORT = 10
LONG = 50
SHORT_FOR = frozenset({Role.LEADER, Role.LEADING_GROUP})
"""Offices that see ten lines; who also holds another office sees fifty."""


class Sort(NamedTuple):
    """Of what sort a line is: its kind, its rung if it has one, the office it is told in."""

    kind: ItemKind
    rung: int | None
    role: Role


class SignBy(NamedTuple):
    """The last day on which a message is to be signed for."""

    day: date
    provisional: bool


@dataclass(frozen=True)
class Letter:
    """A message as it would leave at this moment; without lines it need not leave.

    `lines` are those shown, the most urgent first, `rest` counts the others; `late` (how many are
    overdue), `why` and `sorts` speak for all of them. `again`: it may have left already.
    `instead_of`: whom it could not reach. `stands_in`: absent people in whose place it is read.
    `sign_by` until it is signed for.
    """

    message_id: int
    kind: MessageKind
    to: str
    campaigns: tuple[str, ...]
    roles: tuple[Role, ...]
    lines: tuple[Line, ...]
    rest: int
    late: int
    why: str
    sorts: frozenset[Sort] = frozenset()
    again: bool = False
    instead_of: str | None = None
    stands_in: tuple[str, ...] = ()
    announcement: Announced | None = None
    sign_by: SignBy | None = None

    @property
    def sections(self) -> list[tuple[Section, tuple[Line, ...]]]:
        """The lines shown, section by section."""
        by_section = groupby(self.lines, key=lambda line: line.section)
        return [(section, tuple(lines)) for section, lines in by_section]

    @property
    def total(self) -> int:
        """How many lines there are, shown or not."""
        return len(self.lines) + self.rest

    @property
    def only_news(self) -> bool:
        """Nothing is asked of the reader: every line only tells."""
        return all(line.section is Section.NEWS for line in self.lines)

    @property
    def all_own(self) -> bool:
        """Whoever reads it is to do all of it in person."""
        return all(line.reason.own for line in self.lines)

    def shortened(self, most: int) -> Letter:
        """The letter with at most so many lines shown; the others are counted."""
        return replace(self, lines=self.lines[:most], rest=self.total - len(self.lines[:most]))


def letter(session: Session, message: Message, now: datetime, cal: WorkCalendar) -> Letter:
    """The letter of one message."""
    return letters(session, [message.id], now, cal)[message.id]


def letters(
    session: Session, message_ids: Sequence[int], now: datetime, cal: WorkCalendar
) -> dict[int, Letter]:
    """The letters of these messages by id, read in two statements.

    One more where a line is about what is not signed for, two where a message carries an
    announcement, some more for each carried on.
    """
    lines: dict[int, list[Line]] = {id: [] for id in message_ids}
    for message_id, line in read_lines(session, message_ids, now, cal):
        lines[message_id].append(line)
    heads = session.execute(_heads(), {"ids": message_ids}).all()
    wanted = {row.announcement_id for row in heads if row.announcement_id is not None}
    told = announced(session, wanted) if wanted else {}
    return {
        row.id: replace(
            _written(row.id, row.kind, one_line(row.name), lines[row.id]),
            again=row.resends > 0
            or row.state is MessageState.UNKNOWN
            or any(line.again for line in lines[row.id]),
            instead_of=one_line(row.origin) if row.origin else None,
            announcement=told.get(row.announcement_id),
            sign_by=_sign_by(session, row, cal),
        )
        for row in heads
    }


@cache
def _heads() -> Rows:
    """What is known of each message beside its lines; built once, as the lines' statement is."""
    origin, lost = aliased(Message), aliased(Person)
    ids: BindParameter[int] = bindparam("ids", expanding=True)
    unsigned = and_(Signature.message_id == Message.id, Signature.signed_at.is_(None))
    return (
        select(
            *(Message.id, Message.kind, Message.state, Message.resends, Message.announcement_id),
            *(Message.origin_id, Person.name, lost.name.label("origin")),
            Signature.due.label("sign_by"),
        )
        .join(Person, Person.id == Message.person_id)
        .outerjoin(origin, origin.id == Message.origin_id)
        .outerjoin(lost, lost.id == origin.person_id)
        .outerjoin(Signature, unsigned)
        .where(Message.id.in_(ids))
    )


def _sign_by(session: Session, row: Row[Any], cal: WorkCalendar) -> SignBy | None:
    """One carried on, of which there are few, asks for the signature of the first."""
    due = row.sign_by
    if row.origin_id is not None:
        first = signature_of(session, session.get_one(Message, row.id))
        due = first.due if first is not None and first.signed_at is None else None
    return SignBy(due, cal.provisional(due)) if due else None


def _written(message_id: int, kind: MessageKind, to: str, found: Iterable[Line]) -> Letter:
    lines = sorted(one_per_subject(found), key=_urgency)
    roles = tuple(dict.fromkeys(line.reason.role for line in lines))
    shown = SHORT if SHORT_FOR.issuperset(roles) else LONG
    absent = (line.reason.deputy_of for line in lines if line.reason.away)
    return Letter(
        message_id=message_id,
        kind=kind,
        to=to,
        campaigns=tuple(dict.fromkeys(line.campaign_name for line in lines if line.campaign_name)),
        roles=roles,
        lines=tuple(lines[:shown]),
        rest=max(0, len(lines) - shown),
        late=sum(line.days_late > 0 for line in lines),
        why=because(line.reason for line in lines) if lines else "",
        sorts=frozenset(Sort(line.kind, line.rung, line.reason.role) for line in lines),
        stands_in=tuple(dict.fromkeys(absent)),
    )


def one_per_subject(lines: Iterable[Line]) -> list[Line]:
    """A rung and a weekly line about one case are one line: the highest rung wins."""
    kept: list[Line] = []
    highest: dict[object, Line] = {}
    for line in lines:
        if line.kind not in DATED:
            kept.append(line)
        elif line.subject not in highest or _height(line) > _height(highest[line.subject]):
            highest[line.subject] = line
    return [*highest.values(), *kept]


def _height(line: Line) -> tuple[bool, int, int]:
    return line.kind is ItemKind.RUNG, line.rung or 0, line.repeat


def _urgency(line: Line) -> tuple[Section, bool, int, int, date]:
    is_rung, rung, repeat = _height(line)
    return line.section, not is_rung, -rung, -repeat, line.due or date.max
