"""Campaigns, their plan versions, stages, deliverables and decisions: the tables."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ledger.base import Base, Word
from ledger.periods import Cycle
from ledger.plan_parts import Roll


class CampaignState(StrEnum):
    """Where a campaign stands."""

    RUNNING = "进行中"
    PAUSED = "已暂停"
    CLOSED = "已结束"
    CANCELLED = "已取消"


OVER = frozenset({CampaignState.CLOSED, CampaignState.CANCELLED})
"""States after which nothing moves any more."""

CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.RUNNING: frozenset({CampaignState.PAUSED}) | OVER,
    CampaignState.PAUSED: frozenset({CampaignState.RUNNING}) | OVER,
    CampaignState.CLOSED: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}


class StageState(StrEnum):
    """Where a stage stands."""

    WAITING = "未启动"
    OPEN = "进行中"
    MOVED = "已转段"


STAGE_MOVES: dict[StageState, frozenset[StageState]] = {
    StageState.WAITING: frozenset({StageState.OPEN}),
    StageState.OPEN: frozenset({StageState.MOVED}),
    StageState.MOVED: frozenset(),
}


class StageMark(StrEnum):
    """What the next moment of a stage is about."""

    OPEN = "open"
    DUE = "due"
    OVERDUE = "overdue"


class Move(StrEnum):
    """What a decision does."""

    LAUNCH = "启动活动"
    OPEN = "启动阶段"
    FINISH = "转段"
    EXTEND = "阶段延期"
    PAUSE = "暂停"
    RESUME = "恢复"
    CLOSE = "结束活动"
    CANCEL = "取消活动"


class Campaign(Base):
    """A campaign (活动), from its notice to its archive."""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    short: Mapped[str] = mapped_column(String(60))
    timezone: Mapped[str] = mapped_column(String(40), default="Asia/Shanghai")
    state: Mapped[CampaignState] = mapped_column(Word(CampaignState), index=True)
    launched_at: Mapped[datetime]
    ends_on: Mapped[date | None]
    paused_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    stages: Mapped[list[Stage]] = relationship(order_by="Stage.position", back_populates="campaign")


class PlanVersion(Base):
    """The plan as it stood: the YAML text, never edited; files it names lie below `folder`."""

    __tablename__ = "plan_version"
    __table_args__ = (UniqueConstraint("campaign_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text, default="")
    written_at: Mapped[datetime]
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))


class Stage(Base):
    """A stage (阶段). `next_at` is the next moment something must be marked, or None."""

    __tablename__ = "stage"
    __table_args__ = (
        UniqueConstraint("campaign_id", "key"),
        Index("ix_stage_next_at", "next_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    key: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    position: Mapped[int]
    starts_on: Mapped[date | None]
    due: Mapped[date | None]
    state: Mapped[StageState] = mapped_column(Word(StageState), default=StageState.WAITING)
    opened_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None]
    next_mark: Mapped[StageMark | None] = mapped_column(Word(StageMark))

    campaign: Mapped[Campaign] = relationship(back_populates="stages")
    parent: Mapped[Stage | None] = relationship(remote_side=[id], viewonly=True)
    inner: Mapped[list[Stage]] = relationship(order_by="Stage.position", viewonly=True)
    after: Mapped[list[Stage]] = relationship(
        secondary="stage_after",
        primaryjoin="Stage.id == StageAfter.stage_id",
        secondaryjoin="Stage.id == StageAfter.after_id",
        viewonly=True,
    )


class StageAfter(Base):
    """A stage opens when those it stands after have all been finished."""

    __tablename__ = "stage_after"

    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), primary_key=True)
    after_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), primary_key=True)


class Deliverable(Base):
    """What is asked (报送事项). `next_open_on` is the first day of the next period to open.

    `withdrawn_at`: an amended plan no longer asks for it; nothing opens any more.
    """

    __tablename__ = "deliverable"
    __table_args__ = (UniqueConstraint("campaign_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    key: Mapped[str] = mapped_column(String(80))
    what: Mapped[str] = mapped_column(String(200))
    receiver: Mapped[str | None] = mapped_column(String(120))
    cycle: Mapped[Cycle] = mapped_column(Word(Cycle))
    first_on: Mapped[date | None]
    last_on: Mapped[date | None]
    ends_with_campaign: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date | None]
    due_stage_end: Mapped[bool] = mapped_column(default=False)
    due_after_opening: Mapped[int | None]
    roll: Mapped[Roll] = mapped_column(Word(Roll), default=Roll.NONE)
    asked_min: Mapped[int] = mapped_column(default=1)
    asked_max: Mapped[int | None]
    each_person: Mapped[bool] = mapped_column(default=False)
    reviewed: Mapped[bool] = mapped_column(default=True)
    correction_days: Mapped[int] = mapped_column(default=3)
    ladder_id: Mapped[int] = mapped_column(ForeignKey("ladder.id"))
    next_open_on: Mapped[date | None] = mapped_column(index=True)
    withdrawn_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()
    stage: Mapped[Stage | None] = relationship()


class DeliverableTarget(Base):
    """Of whom it is asked: a class, a unit, or a role (of all, of a class, of a unit)."""

    __tablename__ = "deliverable_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"), index=True)
    unit_class: Mapped[str | None] = mapped_column(String(40))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    role: Mapped[str | None] = mapped_column(String(20))
    excluded: Mapped[bool] = mapped_column(default=False)


class Decision(Base):
    """A move decided by the office, or by the plan; the row alone moves a stage."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"), index=True)
    stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    move: Mapped[Move] = mapped_column(Word(Move))
    new_due: Mapped[date | None]
    by_post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))
    decided_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str | None] = mapped_column(String(120))
    carried_out_at: Mapped[datetime | None] = mapped_column(index=True)
    refused: Mapped[str | None] = mapped_column(Text)

    campaign: Mapped[Campaign] = relationship()
    stage: Mapped[Stage | None] = relationship()
