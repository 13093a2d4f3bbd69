"""Announcements (临时通知): what the office sends by hand, and what was put right. The tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, SQLColumnExpression, String, Text, exists
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from ledger.base import Base, Word

LONGEST_TITLE = 120
"""Characters of an announcement's title."""


class Telling(StrEnum):
    """What an announcement does: say something, put an earlier one right, or take it back."""

    NOTICE = "notice"
    CORRECTION = "correction"
    RECALL = "recall"


class Announcement(Base):
    """One text to many; `about_id` the one it puts right or takes back, with the reason.

    `sign_within`: working days in which it is to be signed for (签收); None: it need not be.
    """

    __tablename__ = "announcement"

    id: Mapped[int] = mapped_column(primary_key=True)
    telling: Mapped[Telling] = mapped_column(Word(Telling))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str] = mapped_column(Text)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    sign_within: Mapped[int | None]
    about_id: Mapped[int | None] = mapped_column(ForeignKey("announcement.id"), index=True)
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    by_post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))

    about: Mapped[Announcement | None] = relationship(remote_side="Announcement.id")
    files: Mapped[list[AnnouncedFile]] = relationship(order_by="AnnouncedFile.id")


class AnnouncedFile(Base):
    """A file sent along; kept under its sha256."""

    __tablename__ = "announced_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]


def superseded(announcement_id: SQLColumnExpression[int | None]) -> ColumnElement[bool]:
    """Whether the announcement of that id has been put right or taken back."""
    later = aliased(Announcement)
    return exists().where(later.about_id == announcement_id)
