"""Finding what a person means by what they type: a key, a number, a name or a part of a name.

Each raises NotFound with the names that come near, or Ambiguous with those it could be.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.addresses import Address
from ledger.announcements import Announcement
from ledger.campaigns import OVER, Campaign, Deliverable, PlanVersion, Stage
from ledger.errors import Ambiguous, NotFound
from ledger.extensions import Extension
from ledger.messages import Message
from ledger.obligations import Obligation, ObligationState
from ledger.plan import Plan, read_plan
from ledger.problems import Problem
from ledger.roles import Role
from ledger.titles import period_name
from ledger.units import Person, Post, Respondent, Unit, valid_on

T = TypeVar("T")

LARGEST = 2**31 - 1
"""The largest number a row can have."""

SHOWN = 10
"""How many candidates or near names a sentence lists."""


def find_campaign(session: Session, word: str) -> Campaign:
    """By its slug, its short or its full name."""
    names = (Campaign.short, Campaign.slug, Campaign.name)
    return _one(session, select(Campaign), names, "活动", word)


def only_campaign(session: Session, word: str | None) -> Campaign:
    """By its name; unnamed, the only one there is that is not over."""
    if word is not None:
        return find_campaign(session, word)
    open_ones = session.scalars(
        select(Campaign).where(Campaign.state.not_in(OVER)).order_by(Campaign.id)
    ).all()
    if len(open_ones) == 1:
        return open_ones[0]
    if not open_ones:
        raise NotFound("现在没有进行中的活动；请用 --campaign 写明是哪个活动。")
    names = _listed(open_ones, lambda campaign: campaign.short)
    raise Ambiguous(f"进行中的活动有 {len(open_ones)} 个：{names}；请用 --campaign 写明。")


def find_stage(session: Session, campaign: Campaign, word: str) -> Stage:
    """By its key or its name."""
    rows = select(Stage).where(Stage.campaign_id == campaign.id)
    return _one(session, rows, (Stage.name, Stage.key), "阶段", word)


def find_deliverable(session: Session, campaign: Campaign, word: str) -> Deliverable:
    """By its key or by what it asks."""
    rows = select(Deliverable).where(Deliverable.campaign_id == campaign.id)
    return _one(session, rows, (Deliverable.what, Deliverable.key), "报送事项", word)


def find_unit(session: Session, word: str) -> Unit:
    """By its name."""
    return _one(session, select(Unit), (Unit.name,), "单位", word)


def find_respondent(session: Session, word: str) -> Respondent:
    """By its name: a unit's, or for a post 单位·姓名."""
    return _one(session, select(Respondent), (Respondent.name,), "报送主体", word)


def owing_unit(session: Session, deliverable: Deliverable, unit: Unit) -> Respondent:
    """Who owes the deliverable there: the unit, or the one of its posts that is asked."""
    posts = select(Post.id).where(Post.unit_id == unit.id)
    there = or_(Respondent.unit_id == unit.id, Respondent.post_id.in_(posts))
    owing = _owing(session, deliverable, there)
    if len(owing) > 1:
        names = _listed(owing, lambda respondent: respondent.name)
        raise Ambiguous(f"“{unit.name}”有好几个报送主体：{names}；请用 --respondent 写明。")
    if not owing:
        raise NotFound(_nothing_owed(unit.name, deliverable, ""))
    return owing[0]


def owing_post(session: Session, deliverable: Deliverable, post: Post) -> Respondent:
    """Whom the post answers for: itself where it is asked, else its unit."""
    own = Respondent.post_id == post.id
    if post.unit_id is not None:
        own = or_(own, Respondent.unit_id == post.unit_id)
    owing = _owing(session, deliverable, own)
    if not owing:
        raise NotFound(_nothing_owed(post.person.name, deliverable, "、用 --unit 写明单位"))
    return owing[-1]


def _owing(
    session: Session, deliverable: Deliverable, condition: ColumnElement[bool]
) -> Sequence[Respondent]:
    """Units first, then posts."""
    asked = select(Obligation.respondent_id).where(Obligation.deliverable_id == deliverable.id)
    rows = select(Respondent).where(condition, Respondent.id.in_(asked))
    return session.scalars(rows.order_by(Respondent.post_id.is_not(null()), Respondent.id)).all()


def _nothing_owed(name: str, deliverable: Deliverable, also: str) -> str:
    return (
        f"“{name}”没有“{deliverable.what}”这一应报件；"
        f"请用 duban submission list 核对事项和单位{also}。"
    )


def find_obligation(
    session: Session,
    deliverable: Deliverable,
    respondent: Respondent,
    wanted: Collection[ObligationState],
    now: datetime,
    period: str | None = None,
) -> Obligation:
    """The one of that period; else the oldest in a wanted state, unlocked before locked.

    Where none is in a wanted state it is the latest, so that the ledger can say how it stands.
    """
    rows = session.scalars(
        select(Obligation)
        .where(
            Obligation.deliverable_id == deliverable.id, Obligation.respondent_id == respondent.id
        )
        .order_by(Obligation.due.is_(null()), Obligation.due, Obligation.id)
    ).all()
    if period is not None:
        rows = [row for row in rows if period in (row.period, period_name(row.period))]
    if not rows:
        raise NotFound(_nothing_owed(respondent.name, deliverable, "、期次" if period else ""))
    open_ones = [row for row in rows if row.state in wanted]
    unlocked = [row for row in open_ones if row.lock_at is None or row.lock_at > now]
    return next(iter([*unlocked, *open_ones]), rows[-1])


def find_problem(session: Session, campaign: Campaign, number: int) -> Problem:
    """By its number within the campaign."""
    problem = session.scalar(
        select(Problem).where(Problem.campaign_id == campaign.id, Problem.number == number)
    )
    return _there(problem, f"活动“{campaign.short}”没有第 {number} 号问题", "problem list")


def find_extension(session: Session, number: int) -> Extension:
    """By its number."""
    return _numbered(session, Extension, number, "延期申请", "extension list")


def find_message(session: Session, number: int) -> Message:
    """By its number."""
    return _numbered(session, Message, number, "消息", "messages list")


def find_announcement(session: Session, number: int) -> Announcement:
    """By its number."""
    return _there(session.get(Announcement, number), f"没有第 {number} 号通知", "notice list")


def find_class(session: Session, word: str, day: date) -> str:
    """A class some unit has on that day, by its name."""
    known = session.scalars(select(Unit.unit_class).where(valid_on(Unit, day)).distinct()).all()
    if word in known:
        return word
    there = f"现有：{'、'.join(sorted(known)[:SHOWN])}" if known else "现在一个单位也没有"
    raise NotFound(f"没有“{word}”这个单位类别；{near_names(word, known) or there}。")


def find_post(session: Session, word: str, day: date) -> Post:
    """A post held on that day: by its number, its holder's name, its role, or 单位/角色."""
    rows = select(Post).join(Person, Person.id == Post.person_id).outerjoin(Post.unit)
    held = rows.where(valid_on(Post, day), _post_named(word)).order_by(Post.id)
    posts = session.scalars(held).all()
    if len(posts) == 1:
        return posts[0]
    if posts:
        raise Ambiguous(f"“{word}”有 {len(posts)} 个岗位，请写编号：{_listed(posts, _said)}。")
    ended = session.scalar(rows.where(_post_named(word)).limit(1))
    if ended is not None:
        raise NotFound(f"“{_said(ended)}”在 {day} 不在任；请换一个在任的岗位。")
    near = near_names(word, session.scalars(select(Person.name)).all())
    hint = near or "可写编号、姓名、角色或 单位/角色，用 duban posts list 查看"
    raise NotFound(f"没有“{word}”这个岗位；{hint}。")


def find_person(session: Session, word: str) -> Person:
    """By name, or by the number of a post, held or ended, which tells namesakes apart."""
    if word.isdecimal():
        return _numbered(session, Post, int(word), "岗位", "posts list").person
    namesakes = session.scalars(select(Person).where(Person.name == word)).all()
    if len(namesakes) > 1:
        ids = [person.id for person in namesakes]
        posts = session.scalars(select(Post).where(Post.person_id.in_(ids)).order_by(Post.id)).all()
        numbers = _listed(posts, _said)
        raise Ambiguous(f"“{word}”有 {len(ids)} 个人，请写其中一个岗位的编号：{numbers}。")
    return _one(session, select(Person), (Person.name,), "人", word)


def find_address(session: Session, number: int) -> Address:
    """By its number."""
    return _numbered(session, Address, number, "地址", "addresses list")


def has_posts(session: Session) -> bool:
    """Whether any post has been imported."""
    return session.scalar(select(Post.id).limit(1)) is not None


def plan_of(session: Session, campaign: Campaign) -> Plan:
    """The campaign's plan as it last stood."""
    text = session.scalars(
        select(PlanVersion.text)
        .where(PlanVersion.campaign_id == campaign.id)
        .order_by(PlanVersion.number.desc())
        .limit(1)
    ).one()
    return read_plan(text, f"{campaign.slug}.yaml")


def _post_named(word: str) -> ColumnElement[bool]:
    if word.isdecimal():
        return Post.id == min(int(word), LARGEST)
    unit, slash, role = word.rpartition("/")
    if role in tuple(Role):
        named = Post.role == Role(role)
        return named & (Unit.name == unit) if slash else named
    return Person.name == word


def _said(post: Post) -> str:
    unit = f"{post.unit.name}/" if post.unit else ""
    return f"{post.id} {unit}{post.role} {post.person.name}"


def _one(
    session: Session,
    rows: Select[T],
    names: Sequence[InstrumentedAttribute[str]],
    kind: str,
    word: str,
) -> T:
    """The row one of whose names is the word, else the only one in whose names it occurs.

    Of the names the first is the one people say, the second the one that is typed.
    """
    exact = or_(*(name == word for name in names))
    part = or_(*(name.contains(word, autoescape=True) for name in names))
    for condition in (exact, part):
        found = session.scalars(rows.where(condition).limit(SHOWN + 1)).all()
        if len(found) == 1:
            return found[0]
        if found:
            could_be = _listed(found, lambda row: str(getattr(row, names[0].key)))
            raise Ambiguous(f"“{word}”可能是好几个{kind}：{could_be}；请写全。")
    known = session.execute(rows.with_only_columns(*names[:2])).all()
    near = near_names(word, [name for row in known for name in row])
    there = "现有：" + "、".join(row[-1] for row in known[:SHOWN]) if known else "现在一个也没有"
    raise NotFound(f"没有“{word}”这个{kind}；{near or there}。")


def _numbered(session: Session, table: type[T], number: int, kind: str, command: str) -> T:
    row = session.get(table, number) if number <= LARGEST else None
    return _there(row, f"没有第 {number} 号{kind}", command)


def _there(row: T | None, missing: str, command: str) -> T:
    if row is None:
        raise NotFound(f"{missing}；请用 duban {command} 查看。")
    return row


def near_names(word: str, names: Sequence[str]) -> str:
    """A question that offers the names nearest to the word; empty when none is near."""
    near = get_close_matches(word, list(dict.fromkeys(names)), n=3, cutoff=0.5)
    return f"是不是“{'”或“'.join(near)}”" if near else ""


def _listed(rows: Sequence[Any], said: Any) -> str:
    rest = "等" if len(rows) > SHOWN else ""
    return "、".join(said(row) for row in rows[:SHOWN]) + rest
