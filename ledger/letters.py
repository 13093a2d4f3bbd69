"""What a message says, as plain data, read at the moment it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.lines import DATED, Line, Section, read_lines
from ledger.messages import ItemKind, Message, MessageKind
from ledger.reasons import because
from ledger.roles import Role
from ledger.units import Person
from ledger.workdays import WorkCalendar

NOTHING_LEFT = "发送前核对：均已办结"
"""Why a message is skipped when none of its lines holds any more."""

SHORT = 10
LONG = 50
SHORT_FOR = frozenset({Role.LEADER, Role.LEADING_GROUP})
"""Offices that see ten lines; who also holds another office sees fifty."""


@dataclass(frozen=True)
class Letter:
    """A message as it would leave at this moment; without lines it need not leave.

    `lines` are those shown, the most urgent first, `rest` counts the others; `late` (how many are
    overdue) and `why` speak for all of them.
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

    @property
    def sections(self) -> list[tuple[Section, tuple[Line, ...]]]:
        """The lines shown, section by section."""
        by_section = groupby(self.lines, key=lambda line: line.section)
        return [(section, tuple(lines)) for section, lines in by_section]

    @property
    def total(self) -> int:
        """How many lines there are, shown or not."""
        return len(self.lines) + self.rest


def letter(session: Session, message: Message, now: datetime, cal: WorkCalendar) -> Letter:
    """The letter of one message."""
    return letters(session, [message.id], now, cal)[message.id]


def letters(
    session: Session, message_ids: Sequence[int], now: datetime, cal: WorkCalendar
) -> dict[int, Letter]:
    """The letters of these messages by id, read in two statements."""
    lines: dict[int, list[Line]] = {id: [] for id in message_ids}
    for message_id, line in read_lines(session, message_ids, now, cal):
        lines[message_id].append(line)
    heads = session.execute(
        select(Message.id, Message.kind, Person.name)
        .join(Person, Person.id == Message.person_id)
        .where(Message.id.in_(message_ids))
    )
    return {id: _written(id, kind, name, lines[id]) for id, kind, name in heads}


def _written(message_id: int, kind: MessageKind, to: str, found: Iterable[Line]) -> Letter:
    lines = sorted(one_per_subject(found), key=_urgency)
    roles = tuple(dict.fromkeys(line.reason.role for line in lines))
    shown = SHORT if SHORT_FOR.issuperset(roles) else LONG
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
