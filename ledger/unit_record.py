"""Did you tell us (通知过没有)? Every message to a unit's people, and what it said to the unit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.announcements import Announcement
from ledger.correspondence import MessageRow, batches, message_rows
from ledger.messages import ItemKind, Message
from ledger.queries import Where
from ledger.record_lines import RecordLine, record_lines
from ledger.units import Post, Unit
from ledger.workdays import WorkCalendar

AT_ONCE = 500
DATED = frozenset({ItemKind.RUNG, ItemKind.WEEKLY})


@dataclass(frozen=True)
class ToldLine:
    """A line of a message; `left_out`: why it does not stand in the text as it left."""

    line: RecordLine
    left_out: str | None


@dataclass(frozen=True)
class Told:
    """A message to the unit's people. `offices`: which posts of the unit its reader held then.

    `rest` counts its lines that are about other units, or not about what was asked.
    """

    message: MessageRow
    offices: tuple[str, ...]
    announced: str | None
    lines: tuple[ToldLine, ...]
    rest: int


@dataclass(frozen=True)
class _Words:
    person_id: int
    body: str | None
    title: str
    announced: str


ALREADY_DONE = "发送前核对已办结，或超出条数未列出"


def told(session: Session, unit: Unit, where: Where, about: str, cal: WorkCalendar) -> list[Told]:
    """The unit's messages under these conditions, newest last; `about`: words that must occur.

    What is only about other units, told to somebody who holds a post there too, is left out.
    """
    posts = session.scalars(select(Post).where(Post.unit_id == unit.id).order_by(Post.id)).all()
    found: list[Told] = []
    for ids in batches(session, where, AT_ONCE):
        lines, words = record_lines(session, ids), _words(session, ids)
        for row in message_rows(session, ids):
            one = _told(row, lines[row.id], words[row.id], unit, about.split())
            if one is not None:
                offices = _offices(posts, words[row.id].person_id, row, cal)
                found.append(Told(row, offices, words[row.id].title or None, *one))
    return found


def _told(
    row: MessageRow, lines: Sequence[RecordLine], words: _Words, unit: Unit, about: Sequence[str]
) -> tuple[tuple[ToldLine, ...], int] | None:
    """The lines that concern the unit and what is asked, and how many others there are."""
    ours = [line for line in lines if not line.units or unit.id in line.units]
    if lines and not ours and row.carried_from is None:
        return None
    ours = ours or list(lines)
    if about and not _occur(about, (row.subject, words.title, words.announced)):
        ours = [line for line in ours if _occur(about, (line.what, line.said, line.campaign))]
        if not ours:
            return None
    in_text = _in_text(lines, words.body)
    shown = tuple(ToldLine(line, _left_out(line, in_text)) for line in _one_per_case(ours))
    return shown, len(_one_per_case(lines)) - len(shown)


def _one_per_case(lines: Sequence[RecordLine]) -> list[RecordLine]:
    """As the text says it: of several reminders of one case the highest."""
    highest: dict[object, RecordLine] = {}
    for number, line in enumerate(lines):
        case = line.what if line.kind in DATED and not line.dropped else number
        if case not in highest or _height(line) > _height(highest[case]):
            highest[case] = line
    return list(highest.values())


def _height(line: RecordLine) -> tuple[bool, int, int]:
    return line.kind is ItemKind.RUNG, line.rung or 0, line.repeat or 0


def _occur(words: Sequence[str], texts: Collection[str | None]) -> bool:
    """All the words, each in one of the texts."""
    return all(any(word in text for text in texts if text) for word in words)


def _in_text(lines: Sequence[RecordLine], body: str | None) -> set[str]:
    """Of the cases reminded of, those the text names; all, where it names none in these words."""
    cases = {line.what for line in lines if line.kind in DATED}
    named = {what for what in cases if body and what in body}
    return named or cases


def _left_out(line: RecordLine, in_text: Collection[str]) -> str | None:
    if line.dropped is None and line.kind in DATED and line.what not in in_text:
        return ALREADY_DONE
    return line.dropped


def _offices(
    posts: Sequence[Post], person_id: int, row: MessageRow, cal: WorkCalendar
) -> tuple[str, ...]:
    """The posts of the unit that the reader held when it left."""
    day = cal.local_day(row.at)
    held = [
        post
        for post in posts
        if post.person_id == person_id
        and (post.valid_from is None or post.valid_from <= day)
        and (post.valid_until is None or day <= post.valid_until)
    ]
    return tuple(dict.fromkeys(str(post.role) for post in held))


def _words(session: Session, ids: Sequence[int]) -> dict[int, _Words]:
    rows = session.execute(
        select(Message.id, Message.person_id, Message.body, Announcement.title, Announcement.body)
        .outerjoin(Announcement, Announcement.id == Message.announcement_id)
        .where(Message.id.in_(ids))
    )
    return {
        id: _Words(person, body, title or "", announced or "")
        for id, person, body, title, announced in rows
    }
