"""What a tick did: how far the ledger's append-only tables had come before it, and after."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, null, select
from sqlalchemy.orm import Session

from ledger.audit import Act, Audit
from ledger.campaigns import Decision
from ledger.deadlines import Fired, RungFire
from ledger.messages import Message
from ledger.obligations import Obligation


@dataclass(frozen=True)
class Marks:
    """The last row of each table, and how many obligations are locked."""

    audit: int
    decision: int
    obligation: int
    locked: int
    rung_fire: int
    message: int


@dataclass(frozen=True)
class Progress:
    """What was done between two marks."""

    moves: int
    refused: int
    stages_opened: int
    stages_due: int
    obligations_opened: int
    locked: int
    rungs: int
    superseded: int
    suppressed: int
    messages: int


def marks(session: Session) -> Marks:
    """How far the ledger has come."""
    carried = select(func.count(Decision.id)).where(Decision.carried_out_at.is_not(null()))
    locked = select(func.count(Obligation.id)).where(Obligation.locked_at.is_not(null()))
    return Marks(
        audit=session.scalar(select(func.max(Audit.id))) or 0,
        decision=session.scalar(carried) or 0,
        obligation=session.scalar(select(func.max(Obligation.id))) or 0,
        locked=session.scalar(locked) or 0,
        rung_fire=session.scalar(select(func.max(RungFire.id))) or 0,
        message=session.scalar(select(func.max(Message.id))) or 0,
    )


def progress(session: Session, before: Marks) -> Progress:
    """What has been done since."""
    acts = select(Audit.act, func.count(Audit.id)).where(Audit.id > before.audit)
    done = {act: number for act, number in session.execute(acts.group_by(Audit.act))}
    fires = select(RungFire.fired, func.count(RungFire.id)).where(RungFire.id > before.rung_fire)
    fired = {word: number for word, number in session.execute(fires.group_by(RungFire.fired))}
    opened = select(func.count(Obligation.id)).where(Obligation.id > before.obligation)
    written = select(func.count(Message.id)).where(Message.id > before.message)
    after = marks(session)
    return Progress(
        moves=after.decision - before.decision,
        refused=done.get(Act.REFUSED, 0),
        stages_opened=done.get(Act.STAGE_OPENED, 0),
        stages_due=done.get(Act.STAGE_DUE, 0),
        obligations_opened=session.scalar(opened) or 0,
        locked=after.locked - before.locked,
        rungs=fired.get(Fired.SENT, 0),
        superseded=fired.get(Fired.SUPERSEDED, 0),
        suppressed=fired.get(Fired.SUPPRESSED, 0),
        messages=session.scalar(written) or 0,
    )
