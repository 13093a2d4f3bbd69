"""What messages said, line by line, as the record keeps it: what was left out, too, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from ledger.announcements import Announcement
from ledger.campaigns import Campaign, Deliverable, Stage
from ledger.deadlines import Deadline, LadderRow, LadderRung, RungFire
from ledger.messages import Item, ItemKind, Message
from ledger.obligations import Obligation
from ledger.problems import Problem
from ledger.reasons import Reason, because
from ledger.respondents import in_parts
from ledger.roles import Role
from ledger.titles import obligation_title, period_name, problem_title
from ledger.units import Person, Post, Respondent, Unit

DATED = frozenset({ItemKind.RUNG, ItemKind.WEEKLY})
ABOVE_A_UNIT = frozenset({Role.LEADER, Role.SUPERVISION})


@dataclass(frozen=True)
class RecordLine:
    """One thing a message is about: in which office the person hears it, and why.

    `what`: the case in words; `said`: the news of it, empty for a reminder; `due`: the date that
    counted then. `instead_of`: the holder of the post, where somebody else heard in their place.
    `dropped`: why the line was left out. `units`: the ids of the units it concerns, where it is
    about the case of one; empty: it concerns whoever hears it.
    """

    kind: ItemKind
    at: datetime
    role: Role
    post_title: str
    unit: str | None
    instead_of: str | None
    campaign: str | None
    what: str
    period: str
    due: date | None
    ladder: str | None
    rung: int | None
    repeat: int | None
    rung_name: str | None
    said: str
    because: str
    dropped: str | None
    units: tuple[int, ...]


def record_lines(session: Session, message_ids: Sequence[int]) -> dict[int, list[RecordLine]]:
    """The lines of these messages by message, in the order of writing."""
    found: dict[int, list[RecordLine]] = {id: [] for id in message_ids}
    for some in in_parts(message_ids):
        for row in session.execute(_rows(), {"ids": some}):
            found[row.message_id].append(_line(row))
    return found


@cache
def _rows() -> Select[Any]:
    owing, troubled, post_unit, holder = (
        aliased(Respondent),
        aliased(Unit),
        aliased(Unit),
        aliased(Person),
    )
    owing_post = aliased(Post)
    about = func.coalesce(Item.deliverable_id, Obligation.deliverable_id)
    rung = and_(LadderRung.ladder_id == Deadline.ladder_id, LadderRung.rung == RungFire.rung)
    return (
        select(*_columns(owing, owing_post, troubled, post_unit, holder))
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
        .outerjoin(owing, owing.id == Obligation.respondent_id)
        .outerjoin(owing_post, owing_post.id == owing.post_id)
        .outerjoin(Deliverable, Deliverable.id == about)
        .outerjoin(Problem, Problem.id == Item.problem_id)
        .outerjoin(troubled, troubled.id == Problem.unit_id)
        .outerjoin(Announcement, Announcement.id == Message.announcement_id)
        .where(Item.message_id.in_(bindparam("ids", expanding=True)))
        .order_by(Item.id)
    )


def _columns(owing: Any, owing_post: Any, troubled: Any, post_unit: Any, holder: Any) -> list[Any]:
    return [
        *(Item.message_id, Item.kind, Item.at, Item.why, Item.count, Item.dropped),
        *(Item.person_id, Item.post_id),
        func.coalesce(Item.due, RungFire.due).label("due"),
        *(Post.role, Post.title.label("post_title"), Post.person_id.label("holder_id")),
        *(Post.unit_id, post_unit.name.label("post_unit"), holder.name.label("holder")),
        *(Message.origin_id, Announcement.title.label("announced")),
        *(Campaign.short, Campaign.name.label("campaign_name"), Stage.name.label("stage")),
        *(RungFire.rung, RungFire.repeat, LadderRung.name.label("rung_name")),
        *(LadderRow.name.label("ladder"), Obligation.period, Deliverable.what),
        *(owing.name.label("respondent"), owing.post_id.label("owing_post_id")),
        func.coalesce(owing.unit_id, owing_post.unit_id).label("owing_unit_id"),
        *(Problem.number, Problem.title.label("matter"), Problem.unit_id.label("troubled_id")),
        troubled.name.label("problem_unit"),
    ]


def _line(row: Row[Any]) -> RecordLine:
    cases = {row.owing_unit_id, row.troubled_id} - {None}
    return RecordLine(
        kind=row.kind,
        at=row.at,
        role=row.role,
        post_title=row.post_title,
        unit=row.post_unit,
        instead_of=row.holder if row.person_id != row.holder_id else None,
        campaign=row.short,
        what=_what(row),
        period=period_name(row.period) if row.period else "",
        due=row.due,
        ladder=row.ladder,
        rung=row.rung,
        repeat=row.repeat,
        rung_name=row.rung_name,
        said=_said(row),
        because=because([_reason(row)]),
        dropped=row.dropped,
        units=tuple(sorted(cases | {row.unit_id} - {None})) if cases else (),
    )


def _what(row: Row[Any]) -> str:
    """The case a line is about, in words."""
    if row.respondent is not None:
        return obligation_title(row.respondent, row.what, row.period)
    if row.number is not None:
        return problem_title(row.number, row.problem_unit, row.matter)
    return row.what or row.stage or row.announced or row.campaign_name or ""


def _said(row: Row[Any]) -> str:
    if row.kind in (*DATED, ItemKind.MISSING):
        return ""
    if row.kind is ItemKind.UNDATED:
        return f"{row.count}个单位（岗位）应报，{row.why}"
    return row.why  # type: ignore[no-any-return]


def _reason(row: Row[Any]) -> Reason:
    """In which office the person was told; the unit is that of the case where it is above one."""
    instead = row.person_id != row.holder_id
    own = row.owing_post_id is not None and row.owing_post_id == row.post_id and not instead
    case_unit = row.respondent or row.problem_unit
    return Reason(
        role=row.role,
        unit=(case_unit if row.role in ABOVE_A_UNIT else row.post_unit) or "",
        own=own,
        deputy_of=row.holder if instead and row.origin_id is None else "",
        instead=row.why if row.kind is ItemKind.RUNG and row.why and not (own or instead) else "",
    )
