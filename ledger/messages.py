"""Messages (消息): the outbox, what each line of a message is about, and the daily round."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.addresses import ChannelKind
from ledger.announcements import Announcement
from ledger.base import Base, Word, index_of_few
from ledger.units import Person, Post


class MessageKind(StrEnum):
    """Kinds of message; each is a folder of templates."""

    DIGEST = "digest"
    LAUNCH = "launch"
    STAGE = "stage"
    RECEIPT = "receipt"
    SEND_BACK = "send_back"
    NOTICE = "notice"
    CORRECTION = "correction"
    RECALL = "recall"
    UNDELIVERED = "undelivered"
    HELD = "held"


class Leaves(StrEnum):
    """When a kind of message leaves."""

    WITH_THE_ROUND = "round"
    NEXT_OPENING = "opening"
    AT_ANY_HOUR = "any"


LEAVES: dict[MessageKind, Leaves] = {
    MessageKind.DIGEST: Leaves.WITH_THE_ROUND,
    MessageKind.LAUNCH: Leaves.NEXT_OPENING,
    MessageKind.STAGE: Leaves.NEXT_OPENING,
    MessageKind.SEND_BACK: Leaves.NEXT_OPENING,
    MessageKind.NOTICE: Leaves.NEXT_OPENING,
    MessageKind.CORRECTION: Leaves.NEXT_OPENING,
    MessageKind.RECALL: Leaves.NEXT_OPENING,
    MessageKind.UNDELIVERED: Leaves.NEXT_OPENING,
    MessageKind.HELD: Leaves.NEXT_OPENING,
    MessageKind.RECEIPT: Leaves.AT_ANY_HOUR,
}
"""Only a digest is ordinary: at most one per person and working day."""


class MessageState(StrEnum):
    """Where a message stands. A draft becomes ready when its round is sealed.

    It is held instead when the round would tell far more than usual, until the office says a word.
    """

    DRAFT = "draft"
    HELD = "held"
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


M = MessageState

MESSAGE_MOVES: dict[MessageState, frozenset[MessageState]] = {
    M.DRAFT: frozenset({M.READY, M.HELD}),
    M.HELD: frozenset({M.READY, M.SKIPPED}),
    M.READY: frozenset({M.SENDING, M.SKIPPED, M.UNKNOWN}),
    M.SENDING: frozenset({M.SENT, M.FAILED, M.UNKNOWN, M.READY, M.SKIPPED}),
    M.UNKNOWN: frozenset({M.SENDING, M.SENT}),
    M.SENT: frozenset(),
    M.FAILED: frozenset({M.READY}),
    M.SKIPPED: frozenset(),
}

LEFT = (MessageState.SENT, MessageState.UNKNOWN)
"""States of a message that has left, as far as anyone knows."""


class ItemKind(StrEnum):
    """What one line of a message is about."""

    RUNG = "rung"
    WEEKLY = "weekly"
    EXTENDED = "extended"
    REOPENED = "reopened"
    CLOSED = "closed"
    LAPSED = "lapsed"
    REDATED = "redated"
    REVIEW_WAITING = "review_waiting"
    STAGE_WAITING = "stage_waiting"
    UNDATED = "undated"
    MISSING = "missing"
    SET_ASIDE = "set_aside"
    ASSIGNED = "assigned"
    AMENDED = "amended"
    AUDIT = "audit"
    ANNOUNCED = "announced"
    UNSIGNED = "unsigned"
    UNDELIVERED = "undelivered"
    HELD = "held"
    ACT = "act"


TOLD_ONCE = frozenset({ItemKind.WEEKLY, ItemKind.UNDATED, ItemKind.MISSING, ItemKind.AUDIT})
"""Lists: a message that holds nothing else does not leave again when it may have left already."""


class Round(Base):
    """A daily round (日程轮). Its messages become ready when it is sealed, in its last commit.

    `held_why`: why they were held back instead; `released_at`: when the office let them go.
    """

    __tablename__ = "round"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    at: Mapped[datetime]
    sealed_at: Mapped[datetime | None] = mapped_column(index=True)
    held_why: Mapped[str | None] = mapped_column(Text)
    released_at: Mapped[datetime | None]


class WeeklyRound(Base):
    """The weekly lists of an ISO week: made in a round, or skipped because the week was over."""

    __tablename__ = "weekly_round"

    iso_week: Mapped[str] = mapped_column(String(8), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    skipped: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime]


class WeeklyList(Base):
    """One weekly list per person and ISO week, over all campaigns."""

    __tablename__ = "weekly_list"
    __table_args__ = (UniqueConstraint("person_id", "iso_week"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    iso_week: Mapped[str] = mapped_column(String(8))
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)


class Message(Base):
    """One message to one person. The text is kept as it left.

    `origin_id`: the message it carries on, whose person could not be reached.
    `resends` counts how often it left again after nobody could say whether it had; `again` while it
    is to do so.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_state_leaves_at", "state", "leaves_at"),
        Index("ix_message_round_id_person_id", "round_id", "person_id"),
        Index("ix_message_record", "leaves_at", "sent_at", "kind", "campaign_id"),
        index_of_few("ix_message_origin_id", "origin_id", "origin_id IS NOT NULL"),
        index_of_few("ix_message_announced", "announcement_id", "announcement_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[MessageKind] = mapped_column(Word(MessageKind))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    state: Mapped[MessageState] = mapped_column(Word(MessageState))
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    leaves_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sending_since: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    resends: Mapped[int] = mapped_column(default=0, server_default="0")
    again: Mapped[bool] = mapped_column(default=False, server_default=false())
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    announcement_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"))
    subject: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person] = relationship()
    items: Mapped[list[Item]] = relationship(back_populates="message", order_by="Item.id")
    origin: Mapped[Message | None] = relationship(remote_side="Message.id")
    announcement: Mapped[Announcement | None] = relationship()
    attempts_made: Mapped[list[Attempt]] = relationship(
        back_populates="message", order_by="Attempt.id"
    )


class Tried(StrEnum):
    """What came of one attempt to send."""

    SENT = "sent"
    PUT_OFF = "put_off"
    REFUSED = "refused"
    UNCLEAR = "unclear"


class Attempt(Base):
    """One attempt: when, by what way, to which address, what came of it, what the server said.

    Without an address: the process was killed while the message was on its way.
    """

    __tablename__ = "attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), index=True)
    at: Mapped[datetime]
    channel: Mapped[ChannelKind | None] = mapped_column(Word(ChannelKind))
    address: Mapped[str | None] = mapped_column(String(200))
    outcome: Mapped[Tried] = mapped_column(Word(Tried))
    said: Mapped[str] = mapped_column(Text, default="")

    message: Mapped[Message] = relationship(back_populates="attempts_made")


class Item(Base):
    """One thing one person is to hear, and why. Without a message it waits for the next round.

    `again`: an earlier message that held it may have arrived.
    """

    __tablename__ = "message_item"
    __table_args__ = (
        Index("ix_message_item_message_id_person_id", "message_id", "person_id"),
        index_of_few(
            "ix_message_item_waiting", "person_id", "message_id IS NULL AND dropped IS NULL"
        ),
        index_of_few("ix_message_item_signature_id", "signature_id", "signature_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    kind: Mapped[ItemKind] = mapped_column(Word(ItemKind))
    at: Mapped[datetime]
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    rung_fire_id: Mapped[int | None] = mapped_column(ForeignKey("rung_fire.id"), index=True)
    deadline_id: Mapped[int | None] = mapped_column(ForeignKey("deadline.id"), index=True)
    obligation_id: Mapped[int | None] = mapped_column(ForeignKey("obligation.id"))
    problem_id: Mapped[int | None] = mapped_column(ForeignKey("problem.id"))
    deliverable_id: Mapped[int | None] = mapped_column(ForeignKey("deliverable.id"))
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    signature_id: Mapped[int | None] = mapped_column(ForeignKey("signature.id"))
    epoch: Mapped[int | None]
    due: Mapped[date | None]
    count: Mapped[int | None]
    why: Mapped[str] = mapped_column(Text, default="")
    again: Mapped[bool] = mapped_column(default=False, server_default=false())
    dropped: Mapped[str | None] = mapped_column(Text)

    message: Mapped[Message | None] = relationship(back_populates="items")
    post: Mapped[Post] = relationship()
    person: Mapped[Person] = relationship()
