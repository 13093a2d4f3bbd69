"""Errands: all that is read about claimed messages before they are rendered and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import TemplateError
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from ledger.letters import Letter, letters
from ledger.messages import Message, MessageKind
from ledger.plan import PlanError
from ledger.units import Person
from ledger.workdays import WorkCalendar
from notifications.notice import Notice, read_notice

RENDER_ERRORS = (
    *(LookupError, ValueError, TypeError, AttributeError),
    *(TemplateError, PlanError, NoResultFound),
)
"""What one message with bad content can raise; a lost database is none of these."""


@dataclass(frozen=True)
class Errand:
    """A message to be sent: what it says, where it goes, how often it was tried."""

    key: str
    address: str | None
    leaves_at: datetime
    attempts: int
    letter: Letter
    notice: Notice | None


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
            Person.email,
        )
        .join(Person, Person.id == Message.person_id)
        .where(Message.id.in_(ids))
    )
    return {
        row.id: Errand(
            key=row.key,
            address=row.email,
            leaves_at=row.leaves_at,
            attempts=row.attempts,
            letter=written[row.id],
            notice=_notice(session, row.kind, row.campaign_id, cal, notices),
        )
        for row in rows
    }


def _notice(
    session: Session,
    kind: MessageKind,
    campaign_id: int | None,
    cal: WorkCalendar,
    notices: dict[int, Notice],
) -> Notice | None:
    """The notice that goes with a launch message."""
    if kind is not MessageKind.LAUNCH:
        return None
    if campaign_id is None:
        raise ValueError("启动消息没有写明活动")
    if campaign_id not in notices:
        notices[campaign_id] = read_notice(session, campaign_id, cal)
    return notices[campaign_id]
