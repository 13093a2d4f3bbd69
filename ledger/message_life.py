"""The whole life of one message, from the writing of it to what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ledger.addresses import ChannelKind
from ledger.announcements import Announcement, Telling
from ledger.audit import Act, Audit
from ledger.correspondence import MessageRow, message_rows
from ledger.messages import Attempt, Message, MessageKind, MessageState, Round, Tried
from ledger.record_lines import RecordLine, record_lines
from ledger.signing import signature_of
from ledger.units import Person, Post


@dataclass(frozen=True)
class AttemptRow:
    """One attempt. Without an address: the process was killed while the message was on its way."""

    at: datetime
    channel: ChannelKind | None
    address: str | None
    outcome: Tried
    said: str


@dataclass(frozen=True)
class Cause:
    """What was done at the moment the message was written, by whom, and what was noted."""

    act: Act
    by: str
    note: str


@dataclass(frozen=True)
class RoundRow:
    """The round that wrote a message; `held_why`: why its messages were held back."""

    day: date
    at: datetime
    held_why: str | None


@dataclass(frozen=True)
class Relative:
    """The message this one carries on, or one that carries it on."""

    id: int
    to: str
    created_at: datetime
    state: MessageState
    reason: str | None


@dataclass(frozen=True)
class AnnouncementRow:
    """What the office sent by hand, or put right, or took back, and by whom."""

    id: int
    telling: Telling
    title: str
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True)
class SignatureRow:
    """Signing for the message: by when, when it was told again, when the head heard, signed.

    `signer` signed, through `signed_message`: this one, or another of those it was carried on as.
    """

    due: date
    again_at: datetime | None
    head_at: datetime | None
    signed_at: datetime | None
    signed_from: str | None
    signed_message: int | None
    signer: str | None


@dataclass(frozen=True)
class Life:
    """All there is to know of one message; `body` as it left.

    `announcements`: what it announces, then what put that right or took it back.
    """

    message: MessageRow
    key: str
    round: RoundRow | None
    cause: Cause | None
    sending_since: datetime | None
    attempts: tuple[AttemptRow, ...]
    origin: Relative | None
    carried_on: tuple[Relative, ...]
    announcements: tuple[AnnouncementRow, ...]
    signature: SignatureRow | None
    items: tuple[RecordLine, ...]
    body: str | None


def life_of(session: Session, message: Message) -> Life:
    """The message with every line it was made of, the dropped ones included."""
    origin = _relatives(session, message.origin_id, Message.id) if message.origin_id else ()
    return Life(
        message=message_rows(session, [message.id])[0],
        key=message.key,
        round=_round(session, message),
        cause=_cause(session, message),
        sending_since=message.sending_since,
        attempts=tuple(map(_attempt, message.attempts_made)),
        origin=origin[0] if origin else None,
        carried_on=_relatives(session, message.id, Message.origin_id),
        announcements=_announcements(session, message),
        signature=_signature(session, message),
        items=tuple(record_lines(session, [message.id])[message.id]),
        body=message.body,
    )


def _attempt(row: Attempt) -> AttemptRow:
    return AttemptRow(row.at, row.channel, row.address, row.outcome, row.said)


def _round(session: Session, message: Message) -> RoundRow | None:
    row = session.get(Round, message.round_id) if message.round_id else None
    return RoundRow(row.day, row.at, row.held_why) if row else None


CAUSES = {
    MessageKind.LAUNCH: (Act.LAUNCHED,),
    MessageKind.STAGE: (Act.STAGE_MOVED, Act.CAMPAIGN_CANCELLED),
    MessageKind.RECEIPT: (Act.RECEIVED,),
    MessageKind.SEND_BACK: (Act.SENT_BACK,),
}
"""The acts that write a message of a kind at once."""


def _cause(session: Session, message: Message) -> Cause | None:
    """The act in whose transaction the message was written: of the same moment and case."""
    if message.kind not in CAUSES:
        return None
    item = message.items[0] if message.items else None
    row = session.scalar(
        select(Audit)
        .where(
            Audit.campaign_id == message.campaign_id,
            Audit.at == message.created_at,
            Audit.act.in_(CAUSES[message.kind]),
            Audit.stage_id.is_not_distinct_from(item.stage_id if item else None),
            Audit.obligation_id.is_not_distinct_from(item.obligation_id if item else None),
        )
        .order_by(Audit.id)
        .limit(1)
    )
    if row is None:
        return None
    return Cause(row.act, row.by_post.person.name if row.by_post else "方案", row.note)


def _relatives(session: Session, id: int, column: object) -> tuple[Relative, ...]:
    rows = session.execute(
        select(Message.id, Person.name, Message.created_at, Message.state, Message.reason)
        .join(Person, Person.id == Message.person_id)
        .where(column == id)  # type: ignore[arg-type]
        .order_by(Message.id)
    )
    return tuple(Relative(*row) for row in rows)


def _announcements(session: Session, message: Message) -> tuple[AnnouncementRow, ...]:
    """What the message announces, and all that came after it about the same."""
    if message.announcement_id is None:
        return ()
    first = select(Announcement.id).where(Announcement.id == message.announcement_id)
    about = first.cte("about", recursive=True)
    later = aliased(Announcement)
    all_of_it = about.union(select(later.id).join(about, later.about_id == about.c.id))
    columns = (Announcement.id, Announcement.telling, Announcement.title, Announcement.reason)
    rows = session.execute(
        select(*columns, Announcement.at, Person.name)
        .join(Post, Post.id == Announcement.by_post_id)
        .join(Person, Person.id == Post.person_id)
        .where(Announcement.id.in_(select(all_of_it.c.id)))
        .order_by(Announcement.id)
    )
    return tuple(AnnouncementRow(*row) for row in rows)


def _signature(session: Session, message: Message) -> SignatureRow | None:
    row = signature_of(session, message)
    if row is None:
        return None
    through = row.signed_message
    return SignatureRow(
        due=row.due,
        again_at=row.again_at,
        head_at=row.head_at,
        signed_at=row.signed_at,
        signed_from=row.signed_from,
        signed_message=row.signed_message_id,
        signer=through.person.name if through else None,
    )
