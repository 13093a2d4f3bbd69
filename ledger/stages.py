"""Stages move by decisions alone: the office writes a row, whoever comes first carries it out."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, null, select, update
from sqlalchemy.orm import Session

from ledger.audience import stage_posts
from ledger.audit import PLAN, Act, Actor, record
from ledger.campaigns import (
    OVER,
    STAGE_MOVES,
    Campaign,
    Decision,
    Deliverable,
    Move,
    Stage,
    StageMark,
    StageState,
)
from ledger.closing import cancel_campaign, close_campaign, pause_campaign, resume_campaign
from ledger.errors import LedgerError, Refused
from ledger.messages import ItemKind, MessageKind
from ledger.periods import BEGIN_WITH_A_ROW
from ledger.redating import redate_stage_end
from ledger.sql import changed
from ledger.states import move
from ledger.telling import News, tell_at_once
from ledger.units import Post
from ledger.workdays import WorkCalendar

STAGE_NEEDS = {
    Move.OPEN: StageState.WAITING,
    Move.FINISH: StageState.OPEN,
    Move.EXTEND: StageState.OPEN,
}


def decide(
    session: Session,
    campaign: Campaign,
    what: Move,
    by: Actor,
    now: datetime,
    stage: Stage | None = None,
    reason: str = "",
    new_due: date | None = None,
    source: str | None = None,
) -> Decision:
    """Write the office's decision; it is carried out by whoever looks next.

    Raises Refused when the stage or the campaign does not stand where the decision needs it, or
    when a stage is moved on before its due date without a reason.
    """
    _check(campaign, what, stage, reason, now, new_due)
    decision = Decision(
        campaign=campaign,
        stage=stage,
        move=what,
        new_due=new_due,
        by_post_id=by.post.id if by.post else None,
        decided_at=now,
        reason=reason,
        source=source,
    )
    session.add(decision)
    session.flush()
    return decision


def _check(
    campaign: Campaign,
    what: Move,
    stage: Stage | None,
    reason: str,
    now: datetime,
    new_due: date | None,
) -> None:
    if campaign.state in OVER:
        raise Refused(f"活动“{campaign.short}”{campaign.state}，不能再作决定。")
    if what not in STAGE_NEEDS:
        return
    if stage is None:
        raise Refused(f"“{what}”要指明是哪个阶段。")
    if stage.state is not STAGE_NEEDS[what]:
        raise Refused(f"阶段“{stage.name}”现在是“{stage.state}”，不能{what}；请先看活动状态。")
    if what is Move.EXTEND and new_due is None:
        raise Refused("阶段延期要写明新的截止日期。")
    if what is Move.FINISH:
        _check_inner_stages(stage)
    today = now.astimezone(ZoneInfo(campaign.timezone)).date()
    early = stage.due is not None and today < stage.due
    if what is Move.FINISH and early and not reason:
        raise Refused(f"阶段“{stage.name}”未到截止日期（{stage.due}），提前转段请写明理由。")


def _check_inner_stages(stage: Stage) -> None:
    """A stage is finished after those inside it."""
    unfinished = [inner.name for inner in stage.inner if inner.state is not StageState.MOVED]
    if unfinished:
        names = "、".join(f"“{name}”" for name in unfinished)
        raise Refused(f"阶段“{stage.name}”里面的{names}还没有转段；请先逐个转段。")


def carry_out_all(session: Session, now: datetime, cal: WorkCalendar) -> int:
    """Carry out every decision not yet carried out; how many moves were made."""
    waiting = session.scalars(
        select(Decision).where(Decision.carried_out_at.is_(null())).order_by(Decision.id)
    ).all()
    return sum(carry_out(session, decision, now, cal) for decision in waiting)


def carry_out(session: Session, decision: Decision, now: datetime, cal: WorkCalendar) -> bool:
    """Claim the decision and move; False when another was first or the stage had moved on."""
    claim = (
        update(Decision)
        .where(Decision.id == decision.id, Decision.carried_out_at.is_(null()))
        .values(carried_out_at=now)
    )
    if changed(session, claim) == 0:
        return False
    session.refresh(decision)
    try:
        with session.begin_nested():
            _act(session, decision, now, cal)
    except LedgerError as refusal:
        decision.refused = str(refusal)
        return False
    return True


def _act(session: Session, decision: Decision, now: datetime, cal: WorkCalendar) -> None:
    by = _decider(session, decision)
    campaign, stage = decision.campaign, decision.stage
    if decision.move is Move.PAUSE:
        pause_campaign(session, campaign, by, now, decision.reason)
    elif decision.move is Move.RESUME:
        resume_campaign(session, campaign, by, now, cal, decision.reason)
    elif decision.move is Move.CLOSE:
        close_campaign(session, campaign, by, now, cal, decision.reason)
    elif decision.move is Move.CANCEL:
        cancel_campaign(session, campaign, by, now, decision.reason)
        _tell_cancelled(session, campaign, decision.reason, now, cal)
    elif stage is not None:
        _move_stage(session, decision, stage, by, now, cal)


def _tell_cancelled(
    session: Session, campaign: Campaign, reason: str, now: datetime, cal: WorkCalendar
) -> None:
    why = f"活动“{campaign.name}”已取消，不再报送" + (f"：{reason}" if reason else "")
    news = News(ItemKind.ACT, f"cancelled-{campaign.id}", why, {"campaign_id": campaign.id})
    posts = stage_posts(campaign.id, cal.local_day(now))
    tell_at_once(session, MessageKind.STAGE, news, posts, now, cal)


def _decider(session: Session, decision: Decision) -> Actor:
    if decision.by_post_id is None:
        return PLAN
    return Actor(session.get_one(Post, decision.by_post_id), "")


def _move_stage(
    session: Session,
    decision: Decision,
    stage: Stage,
    by: Actor,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    if decision.move is Move.OPEN:
        open_stage(session, stage, by, now, cal)
    elif decision.move is Move.FINISH:
        _finish_stage(session, stage, by, decision.reason, now, cal)
    elif decision.move is Move.EXTEND and decision.new_due is not None:
        _extend_stage(session, stage, decision.new_due, by, decision.reason, now, cal)


def open_by_plan(session: Session, stage: Stage, now: datetime, cal: WorkCalendar) -> None:
    """An automatic opening is a decision by the plan, carried out at once."""
    decision = decide(session, stage.campaign, Move.OPEN, PLAN, now, stage, reason="按计划")
    carry_out(session, decision, now, cal)


def open_stage(session: Session, stage: Stage, by: Actor, now: datetime, cal: WorkCalendar) -> None:
    """The stage begins, and one around it that waits; its due date becomes its next moment."""
    if stage.parent is not None and stage.parent.state is StageState.WAITING:
        open_by_plan(session, stage.parent, now, cal)
    stage.state = move(f"阶段“{stage.name}”", stage.state, StageState.OPEN, STAGE_MOVES)
    stage.opened_at = now
    watch_due(stage, cal)
    session.execute(
        update(Deliverable)
        .where(
            Deliverable.stage_id == stage.id,
            Deliverable.due_after_opening.is_not(null()),
            Deliverable.cycle.in_(BEGIN_WITH_A_ROW),
            Deliverable.withdrawn_at.is_(null()),
        )
        .values(next_open_on=cal.local_day(now))
    )
    record(session, by, Act.STAGE_OPENED, now, **_about(stage))


def watch_due(stage: Stage, cal: WorkCalendar) -> None:
    """Store the stage's next moment: its due date, or none when it has no end."""
    stage.next_at = cal.start_of(stage.due) if stage.due else None
    stage.next_mark = StageMark.DUE if stage.due else None


def _finish_stage(
    session: Session, stage: Stage, by: Actor, reason: str, now: datetime, cal: WorkCalendar
) -> None:
    _check_inner_stages(stage)
    stage.state = move(f"阶段“{stage.name}”", stage.state, StageState.MOVED, STAGE_MOVES)
    stage.moved_at = now
    stage.next_at = stage.next_mark = None
    record(session, by, Act.STAGE_MOVED, now, note=reason, **_about(stage))
    session.flush()
    opened = [other for other in _standing_after(session, stage) if _all_moved(other)]
    for other in opened:
        open_by_plan(session, other, now, cal)
    following = "、".join(other.name for other in opened)
    why = f"阶段“{stage.name}”已转段" + (f"，“{following}”启动" if following else "")
    about = {"campaign_id": stage.campaign_id, "stage_id": stage.id}
    news = News(ItemKind.ACT, f"moved-{stage.id}", why, about)
    tell_at_once(
        session,
        MessageKind.STAGE,
        news,
        stage_posts(stage.campaign_id, cal.local_day(now)),
        now,
        cal,
    )


def _standing_after(session: Session, stage: Stage) -> list[Stage]:
    return list(
        session.scalars(
            select(Stage)
            .where(
                Stage.campaign_id == stage.campaign_id,
                Stage.state == StageState.WAITING,
                Stage.after.any(Stage.id == stage.id),
            )
            .order_by(Stage.position)
        )
    )


def _all_moved(stage: Stage) -> bool:
    return all(before.state is StageState.MOVED for before in stage.after)


def _extend_stage(
    session: Session,
    stage: Stage,
    new_due: date,
    by: Actor,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """The stage's end moves, and with it only the dates written relative to it."""
    old = stage.due
    stage.due = new_due
    watch_due(stage, cal)
    note = f"由 {old} 延至 {new_due}；{reason}"
    record(session, by, Act.STAGE_EXTENDED, now, note=note, due=new_due, **_about(stage))
    redate_stage_end(session, stage, new_due, now, cal)


def _about(stage: Stage) -> dict[str, int]:
    return {"campaign_id": stage.campaign_id, "stage_id": stage.id}


def moves_carried_out(session: Session, campaign_id: int) -> int:
    """n: how many moves of the campaign have been carried out."""
    return (
        session.scalar(
            select(func.count(Decision.id)).where(
                Decision.campaign_id == campaign_id,
                Decision.carried_out_at.is_not(null()),
                Decision.refused.is_(null()),
            )
        )
        or 0
    )
