"""The statement behind the lines of messages: items joined with what they are about."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Date, Select, and_, bindparam, func, null, or_, select
from sqlalchemy.orm import aliased

from ledger.absences import away_on
from ledger.announcements import superseded
from ledger.campaigns import Campaign, Deliverable, Stage
from ledger.deadlines import Clock, Deadline, LadderRow, LadderRung, RungFire
from ledger.messages import Item, ItemKind, Message
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.problems import Problem
from ledger.signatures import Signature
from ledger.units import Person, Post, Respondent, Unit

DATED = frozenset({ItemKind.RUNG, ItemKind.WEEKLY})
"""Lines that hold only while their deadline runs; every other line is news and stays."""

SAID_IN_TIME = (*DATED, ItemKind.MISSING, ItemKind.ANNOUNCED, ItemKind.UNSIGNED)
"""Lines that hold only for a time of their own kind; every other one until withdrawn."""


@cache
def line_rows() -> Select[Any]:
    """Items joined with what they are about; what no longer holds is left out here.

    Built once: to build it takes longer than to run it for one message.
    """
    unit, post_unit, holder = aliased(Unit), aliased(Unit), aliased(Person)
    signed = aliased(Message)
    rung = and_(LadderRung.ladder_id == Deadline.ladder_id, LadderRung.rung == RungFire.rung)
    ids: BindParameter[int] = bindparam("ids", expanding=True)
    about = func.coalesce(Item.deliverable_id, Obligation.deliverable_id)
    return (
        select(*_item_columns(), *_subject_columns(unit))
        .add_columns(post_unit.name.label("post_unit"), holder.name.label("holder"))
        .add_columns(_holder_is_away().label("away"))
        .select_from(Item)
        .join(Message, Message.id == Item.message_id)
        .join(Post, Post.id == Item.post_id)
        .join(holder, holder.id == Post.person_id)
        .outerjoin(post_unit, post_unit.id == Post.unit_id)
        .outerjoin(Campaign, Campaign.id == Item.campaign_id)
        .outerjoin(Stage, Stage.id == Item.stage_id)
        .outerjoin(RungFire, RungFire.id == Item.rung_fire_id)
        .outerjoin(Deadline, Deadline.id == Item.deadline_id)
        .outerjoin(LadderRow, LadderRow.id == Deadline.ladder_id)
        .outerjoin(LadderRung, rung)
        .outerjoin(Obligation, Obligation.id == Item.obligation_id)
        .outerjoin(Respondent, Respondent.id == Obligation.respondent_id)
        .outerjoin(Deliverable, Deliverable.id == about)
        .outerjoin(Problem, Problem.id == Item.problem_id)
        .outerjoin(unit, unit.id == Problem.unit_id)
        .outerjoin(Signature, Signature.id == Item.signature_id)
        .outerjoin(signed, signed.id == Signature.message_id)
        .where(Item.message_id.in_(ids), Item.dropped.is_(null()), _holds(signed))
        .order_by(Item.message_id, Item.id)
    )


def _item_columns() -> tuple[Any, ...]:
    return (
        Item.message_id,
        Message.kind.label("message_kind"),
        Item.kind,
        Item.at,
        Item.why,
        Item.again,
        Item.due.label("item_due"),
        Item.count,
        Item.person_id,
        Item.post_id,
        Item.obligation_id,
        Item.problem_id,
        Item.signature_id,
        Post.role,
        Post.person_id.label("holder_id"),
        Post.deputy_id,
        Campaign.short,
        Campaign.name.label("campaign_name"),
    )


def _subject_columns(unit: Any) -> tuple[Any, ...]:
    return (
        RungFire.rung,
        RungFire.repeat,
        LadderRung.name.label("rung_name"),
        LadderRow.name.label("ladder"),
        Deadline.due.label("deadline_due"),
        Obligation.period,
        Obligation.state,
        Obligation.correction_due,
        Respondent.name.label("respondent"),
        Respondent.post_id.label("owing_post_id"),
        Deliverable.what,
        Deliverable.receiver,
        Stage.name.label("stage"),
        Problem.number,
        Problem.title.label("matter"),
        unit.name.label("problem_unit"),
    )


def _holder_is_away() -> Any:
    """Told in the place of a holder who is out of office today."""
    return and_(Item.person_id != Post.person_id, away_on(bindparam("today", type_=Date)))


def _holds(signed: type[Message]) -> Any:
    """A reminder holds while its deadline runs in the same epoch; a missing one while missing.

    Nothing is said any more about what has been withdrawn. What the office says holds until it is
    put right or taken back, an unsigned one (the message `signed`) until it is signed, too.
    """
    now = bindparam("now", type_=Obligation.lock_at.type)
    unlocked = or_(Obligation.lock_at.is_(null()), Obligation.lock_at > now)
    runs = and_(Deadline.clock == Clock.RUNNING, Deadline.epoch == Item.epoch, unlocked)
    withdrawn = func.coalesce(Obligation.state, "") == ObligationState.WITHDRAWN
    owed = Obligation.state.in_((*TAKES_HAND_IN, ObligationState.MISSED))
    return or_(
        and_(Item.kind.in_(DATED), runs),
        and_(Item.kind == ItemKind.MISSING, owed),
        and_(Item.kind == ItemKind.ANNOUNCED, ~superseded(Message.announcement_id)),
        and_(
            Item.kind == ItemKind.UNSIGNED,
            Signature.signed_at.is_(null()),
            ~superseded(signed.announcement_id),
        ),
        and_(Item.kind.not_in(SAID_IN_TIME), ~withdrawn),
    )
