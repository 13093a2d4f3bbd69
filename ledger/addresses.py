"""Addresses: where a person is reached, in the order in which they are tried. The table."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base, Word
from ledger.units import Person

LONGEST = 200
"""Characters of an address."""


class ChannelKind(StrEnum):
    """By what way a message leaves."""

    EMAIL = "email"
    WECOM = "wecom"
    WECOM_ROBOT = "wecom_robot"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WEBHOOK = "webhook"


BY_NAME = frozenset(
    {ChannelKind.WECOM_ROBOT, ChannelKind.DINGTALK, ChannelKind.FEISHU, ChannelKind.WEBHOOK}
)
"""Ways whose address is a secret: the ledger holds only the name it has in the settings."""


class Address(Base):
    """One address of one person. `value`: a mailbox, an account, or the name of a secret.

    `position` 1 is tried first. With `post_id` it is used only for what that post hears, and then
    before the others. A permanent refusal disables it, with the reason, until someone mends it.
    """

    __tablename__ = "address"
    __table_args__ = (
        UniqueConstraint("person_id", "channel", "value"),
        Index("ix_address_channel_value", "channel", "value"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    channel: Mapped[ChannelKind] = mapped_column(Word(ChannelKind))
    value: Mapped[str] = mapped_column(String(LONGEST))
    position: Mapped[int]
    disabled_at: Mapped[datetime | None]
    disabled_why: Mapped[str | None] = mapped_column(Text)

    person: Mapped[Person] = relationship(back_populates="addresses")
