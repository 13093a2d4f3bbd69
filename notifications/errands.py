"""Errands: all that is read about claimed messages before they are rendered and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from jinja2 import TemplateError
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from ledger.letters import Letter, letters
from ledger.messages import Message, MessageKind, MessageState
from ledger.plan import PlanError
from ledger.reaching import Way, ways_of
from ledger.respondents import answering
from ledger.threads import threads_of
from ledger.workdays import WorkCalendar
from notifications.notice import Notice, read_notice

RENDER_ERRORS = (
    *(LookupError, ValueError, TypeError, AttributeError),
    *(TemplateError, PlanError, NoResultFound),
)
"""What one message with bad content can raise; a lost database is none of these."""


@dataclass(frozen=True)
class Errand:
    """A message to be sent: what it says, where it may go, how often it was tried.

    `resends`: how often it left already without anybody being able to say so. `answers`: the key
    of the message in whose thread it stands.
    """

    key: str
    ways: tuple[Way, ...]
    leaves_at: datetime
    attempts: int
    resends: int
    letter: Letter
    notice: Notice | None
    answers: str | None


@dataclass(frozen=True)
class Unreadable:
    """A message whose content cannot be read."""

    error: Exception


def read_errands(
    session: Session,
    ids: Sequence[int],
    now: datetime,
    cal: WorkCalendar,
    notices: dict[int, Notice],
) -> dict[int, Errand | Unreadable]:
    """Read the batch at once; where that fails, one by one, so that the bad one stands alone.

    `notices` keeps the notices already read, by campaign.
    """
    try:
        return dict(_read(session, ids, now, cal, notices))
    except RENDER_ERRORS as error:
        if len(ids) == 1:
            return {ids[0]: Unreadable(error)}
    found: dict[int, Errand | Unreadable] = {}
    for id in ids:
        found |= read_errands(session, [id], now, cal, notices)
    return found


def _read(
    session: Session,
    ids: Sequence[int],
    now: datetime,
    cal: WorkCalendar,
    notices: dict[int, Notice],
) -> dict[int, Errand]:
    written = letters(session, ids, now, cal)
    rows = session.execute(
        select(
            Message.id,
            Message.key,
            Message.kind,
            Message.campaign_id,
            Message.leaves_at,
            Message.attempts,
            Message.resends,
            Message.state,
            Message.person_id,
        ).where(Message.id.in_(ids))
    ).all()
    ways = ways_of(session, ids)
    threads = threads_of(session, written.values(), {row.id: row.person_id for row in rows})
    launches = [row for row in rows if row.kind is MessageKind.LAUNCH]
    own = _notices(session, launches, cal.local_day(now), cal, notices)
    return {
        row.id: Errand(
            key=row.key,
            ways=tuple(ways[row.id]),
            leaves_at=row.leaves_at,
            attempts=row.attempts,
            # Read before it is claimed: claiming one that may have left counts as once more.
            resends=row.resends + (row.state is MessageState.UNKNOWN),
            letter=written[row.id],
            notice=own.get(row.id),
            answers=threads.get(row.id),
        )
        for row in rows
    }


def _notices(
    session: Session,
    launches: Sequence[Any],
    today: date,
    cal: WorkCalendar,
    notices: dict[int, Notice],
) -> dict[int, Notice]:
    """The notice that goes with each launch message, with the forms of whom it goes to."""
    own: dict[int, Notice] = {}
    for campaign_id in dict.fromkeys(row.campaign_id for row in launches):
        if campaign_id is None:
            raise ValueError("启动消息没有写明活动")
        if campaign_id not in notices:
            notices[campaign_id] = read_notice(session, campaign_id, cal)
        notice = notices[campaign_id]
        to = {row.id: row.person_id for row in launches if row.campaign_id == campaign_id}
        asked = {
            form: answering(session, form.deliverable_id, set(to.values()), today)
            for form in notice.forms
        }
        for id, person in to.items():
            mine = tuple(form for form, persons in asked.items() if person in persons)
            own[id] = replace(notice, forms=mine)
    return own
