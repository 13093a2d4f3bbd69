"""The slip (签收单) of a message: all that is shown to whoever opens its link to sign for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.announcements import AnnouncedFile, Announcement
from ledger.campaigns import Campaign
from ledger.families import first_message
from ledger.messages import Message
from ledger.signing import settled_by, signature_of
from ledger.units import Post
from ledger.workdays import WorkCalendar


@dataclass(frozen=True)
class Slip:
    """What a message says, and how its signature stands; `due` None: it need not be signed for.

    `text`: of a message not written by hand as it left, empty before. `settled`: what has put it
    right or taken it back; `instead`: the message with the right text to the same person. `signer`
    signed, through `signed_message`: this one, or another of those it was carried on as.
    """

    message_id: int
    to: str
    instead_of: str | None
    title: str
    text: str
    about: Announcement | None
    by: str | None
    campaign: str | None
    at: datetime
    files: tuple[AnnouncedFile, ...]
    due: date | None
    provisional: bool
    signed_at: datetime | None
    signed_message: int | None
    signer: str | None
    on_time: bool
    settled: Announcement | None
    instead: int | None

    @property
    def to_sign(self) -> bool:
        """Whether there is still something to sign for."""
        return self.due is not None and self.signed_at is None and self.settled is None


def read_slip(session: Session, message_id: int, cal: WorkCalendar) -> Slip | None:
    """The slip of that message; None when there is no such message."""
    message = session.get(Message, message_id)
    if message is None:
        return None
    first = first_message(session, message)
    said = _said(session, first)
    signature = signature_of(session, message)
    settled = settled_by(session, message)
    campaign = session.get(Campaign, first.campaign_id) if first.campaign_id else None
    due = signature.due if signature else None
    signed_at = signature.signed_at if signature else None
    through = signature.signed_message if signature else None
    by = session.get(Post, said.by_post_id) if said else None
    return Slip(
        message_id=message.id,
        to=message.person.name,
        instead_of=first.person.name if first is not message else None,
        title=said.title if said else (message.subject or (campaign.name if campaign else "")),
        text=said.body if said else (message.body or ""),
        about=said,
        by=by.person.name if by else None,
        campaign=campaign.name if campaign else None,
        at=said.at if said else first.created_at,
        files=tuple(said.files) if said else (),
        due=due,
        provisional=due is not None and cal.provisional(due),
        signed_at=signed_at,
        signed_message=through.id if through else None,
        signer=through.person.name if through else None,
        on_time=bool(signed_at and due and signed_at < cal.end_of(due)),
        settled=settled,
        instead=_to_the_same(session, settled, message) if settled else None,
    )


def _said(session: Session, message: Message) -> Announcement | None:
    return session.get(Announcement, message.announcement_id) if message.announcement_id else None


def _to_the_same(session: Session, settled: Announcement, message: Message) -> int | None:
    """The message that tells the same person of it."""
    mine = (Message.announcement_id == settled.id, Message.person_id == message.person_id)
    return session.scalar(select(Message.id).where(*mine).order_by(Message.id).limit(1))
