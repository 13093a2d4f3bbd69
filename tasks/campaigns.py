"""Steps of a campaign: where it stands, its stages shown, what was decided on Prefect's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.audit import actor
from ledger.campaigns import Campaign, Decision, Move, Stage, StageState
from ledger.errors import LedgerError, NotFound, Refused
from ledger.recipients import office
from ledger.stages import carry_out as carry_out_decision
from ledger.stages import carry_out_all, decide
from ledger.standings import CampaignStanding, StageStanding, standing_of
from ledger.units import Post
from ledger.workdays import WorkCalendar
from tasks.events import emit_move
from tasks.ledger import calendar_in, database, step


@dataclass(frozen=True)
class PageDecision:
    """What somebody wrote on Prefect's page: which stage, who decided, why."""

    stage: str
    by: str
    why: str


def read_standing(slug: str) -> CampaignStanding:
    """Where the campaign stands now; raises NotFound."""
    with database().reading() as session:
        return standing_of(session, slug)


@step("阶段启动", run_name="{name}·启动（{due}）")
def open_stage(slug: str, key: str, name: str, due: str) -> str:
    """Show that a stage has opened; the ledger opened it. Returns its state."""
    return _show(slug, key, StageState.OPEN)


@step("阶段转段", run_name="{name}·转段（{due}）")
def close_stage(slug: str, key: str, name: str, due: str) -> str:
    """Show that a stage was moved on; the ledger moved it. Returns its state."""
    return _show(slug, key, StageState.MOVED)


def _show(slug: str, key: str, shown: StageState) -> str:
    standing = read_standing(slug)
    stage = next(stage for stage in standing.stages if stage.key == key)
    if stage.state in (shown, StageState.MOVED):
        emit_move(standing, stage, shown)
    return stage.state.value


def show_stages(standing: CampaignStanding) -> None:
    """One short task for each stage that has opened, one for each that was moved on."""
    for stage in standing.stages:
        if stage.state is not StageState.WAITING:
            open_stage(standing.slug, stage.key, stage.name, due_words(stage))
        if stage.state is StageState.MOVED:
            close_stage(standing.slug, stage.key, stage.name, due_words(stage))


def due_words(stage: StageStanding) -> str:
    """The stage's due date as people read it."""
    return f"截止 {stage.due}" if stage.due else "由活动办决定结束"


@step("执行决定")
def carry_out(now: datetime) -> int:
    """Carry out every decision not yet carried out; how many moves were made."""
    with database().writing() as session:
        return carry_out_all(session, now, calendar_in(session))


@step("页面决定")
def take_decision(slug: str, given: PageDecision, source: str, now: datetime) -> str | None:
    """Write what Prefect's page says as a decision, once per source, and carry it out.

    Returns None when it moved the stage, else the sentence that says why it was refused.
    """
    with database().writing() as session:
        try:
            decision = _decision(session, slug, given, source, now, calendar_in(session))
        except LedgerError as refusal:
            session.rollback()
            return str(refusal)
        carry_out_decision(session, decision, now, calendar_in(session))
        return decision.refused


def _decision(
    session: Session, slug: str, given: PageDecision, source: str, now: datetime, cal: WorkCalendar
) -> Decision:
    written = session.scalar(select(Decision).where(Decision.source == source))
    if written is not None:
        return written
    campaign = session.scalars(select(Campaign).where(Campaign.slug == slug)).one()
    stage = _stage(campaign, given.stage)
    by = _decider(session, given.by, now, cal)
    move = Move.OPEN if stage.state is StageState.WAITING else Move.FINISH
    return decide(session, campaign, move, actor(by), now, stage, given.why, source=source)


def _stage(campaign: Campaign, word: str) -> Stage:
    found = [stage for stage in campaign.stages if word.strip() in (stage.key, stage.name)]
    if not found:
        names = "、".join(stage.name for stage in campaign.stages)
        raise NotFound(f"没有叫“{word}”的阶段；请从这些里选：{names}。")
    return found[0]


def _decider(session: Session, name: str, now: datetime, cal: WorkCalendar) -> Post:
    posts = office(session, cal.local_day(now))
    found = [post for post in posts if post.person.name == name.strip()]
    if not found:
        names = "、".join(post.person.name for post in posts)
        raise Refused(f"“{name}”不是活动办的人；请写明是谁决定的：{names}。")
    return found[0]
