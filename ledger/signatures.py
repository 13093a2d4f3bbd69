"""Signing for messages (签收): who had to by when, who did, and from where. The table."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base
from ledger.messages import Message

WITHIN = 2
"""Working days in which a message is to be signed for, unless the plan says otherwise."""


class Signature(Base):
    """A message that is to be signed for. `due` is its last day; `next_at` when it is looked at.

    Unsigned then, its reader is told again once (`again_at`), then the head (`head_at`).
    `signed_message`: through which it was signed, itself or one it was carried on as; whom that
    was for has signed.
    """

    __tablename__ = "signature"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), unique=True)
    within: Mapped[int]
    due: Mapped[date]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    again_at: Mapped[datetime | None]
    head_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    signed_from: Mapped[str | None] = mapped_column(String(200))
    signed_message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))

    message: Mapped[Message] = relationship(foreign_keys="Signature.message_id")
    signed_message: Mapped[Message | None] = relationship(
        foreign_keys="Signature.signed_message_id"
    )
