"""Submissions (报送): append-only versions of what was handed in. The tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base, Word
from ledger.obligations import Obligation


class Outcome(StrEnum):
    """What became of one submission."""

    PENDING = "待审"
    RECORDED = "备案"
    ACCEPTED = "通过"
    RETURNED = "退回"


class Submission(Base):
    """One version handed in: by which post, on whose behalf and why, and what came of it."""

    __tablename__ = "submission"
    __table_args__ = (UniqueConstraint("obligation_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    obligation_id: Mapped[int] = mapped_column(ForeignKey("obligation.id"))
    version: Mapped[int]
    received_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=1)
    text: Mapped[str] = mapped_column(Text, default="")
    channel: Mapped[str] = mapped_column(String(20))
    by_post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    on_behalf_why: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[Outcome] = mapped_column(Word(Outcome))
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[str | None] = mapped_column(Text)

    obligation: Mapped[Obligation] = relationship()
    files: Mapped[list[StoredFile]] = relationship(back_populates="submission")


class StoredFile(Base):
    """A file of a submission; kept under its sha256."""

    __tablename__ = "stored_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)

    submission: Mapped[Submission] = relationship(back_populates="files")
