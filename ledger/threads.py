"""Threads: what one person hears of one case stands together in the mail program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import Session

from ledger.deadlines import Deadline
from ledger.letters import Letter
from ledger.messages import LEFT, Item, Message

Case = tuple[int | None, int | None]
"""An obligation or a problem."""


def threads_of(
    session: Session, letters: Iterable[Letter], persons: Mapping[int, int]
) -> dict[int, str]:
    """The key of the first message its person had about the case that leads each letter.

    `persons`: whom each message is for. Messages without one are left out.
    """
    leading = {letter.message_id: letter.lines[0].subject for letter in letters if letter.lines}
    cases = {case for case in leading.values() if case != (None, None)}
    first = {
        (row.person_id, (row.obligation_id, row.problem_id)): (row.id, row.key)
        for row in _first(session, cases, set(persons.values()))
    }
    found = {}
    for message_id, case in leading.items():
        id, key = first.get((persons[message_id], case), (message_id, ""))
        if id < message_id:
            found[message_id] = key
    return found


def _first(
    session: Session, cases: set[Case], persons: set[int]
) -> list[Row[int, int, int, int, str]]:
    """Of each case and person the first message that left."""
    obligations = [obligation for obligation, _ in cases if obligation is not None]
    problems = [problem for _, problem in cases if problem is not None]
    if not cases:
        return []
    ids = (
        select(
            Item.person_id,
            Deadline.obligation_id,
            Deadline.problem_id,
            func.min(Message.id).label("message_id"),
        )
        .join(Item, Item.deadline_id == Deadline.id)
        .join(Message, Message.id == Item.message_id)
        .where(
            or_(Deadline.obligation_id.in_(obligations), Deadline.problem_id.in_(problems)),
            Item.person_id.in_(persons),
            Message.state.in_(LEFT),
        )
        .group_by(Item.person_id, Deadline.obligation_id, Deadline.problem_id)
        .subquery()
    )
    columns = (ids.c.person_id, ids.c.obligation_id, ids.c.problem_id, Message.id, Message.key)
    return list(session.execute(select(*columns).join(ids, ids.c.message_id == Message.id)))
