"""The address book: addresses added, disabled, enabled again and removed by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from ledger.addresses import BY_NAME, LONGEST, Address, ChannelKind
from ledger.audit import Act, Actor, record
from ledger.errors import Refused
from ledger.persons import EMAIL, next_position
from ledger.queries import Where
from ledger.roles import Role
from ledger.units import Person, Post, Unit

NAME = re.compile(r"[A-Z0-9_]{1,40}")
NAME_AND_NUMBER = re.compile(r"[A-Z0-9_]{1,40}(:\+?\d{3,20})?")
ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")

SECRET = (
    "这里只写名称（大写字母、数字、下划线，不超过 40 个字符），网址和密钥不写进台账："
    "请把网址设为 DUBAN_ROBOT_<NAME>，再用这个 <NAME> 登记。"
)
"""Said instead of the value, which may be a secret."""


@dataclass(frozen=True)
class AddressRow:
    """An address; `only_for` names the post it is used for, where it is one's alone."""

    id: int
    person_id: int
    person: str
    channel: ChannelKind
    value: str
    position: int
    post_id: int | None
    only_for: str | None
    disabled_at: datetime | None
    disabled_why: str | None


def address_rows(session: Session, where: Where = ()) -> list[AddressRow]:
    """The addresses that meet the conditions, each person's in the order of trying."""
    unit = aliased(Unit)
    rows = session.execute(
        select(Address, Person.name, Post.role, unit.name)
        .join(Person, Person.id == Address.person_id)
        .outerjoin(Post, Post.id == Address.post_id)
        .outerjoin(unit, unit.id == Post.unit_id)
        .where(*where)
        .order_by(Person.id, Address.position, Address.id)
    )
    return [
        AddressRow(
            id=address.id,
            person_id=address.person_id,
            person=name,
            channel=address.channel,
            value=address.value,
            position=address.position,
            post_id=address.post_id,
            only_for=_office(role, unit_name),
            disabled_at=address.disabled_at,
            disabled_why=address.disabled_why,
        )
        for address, name, role, unit_name in rows
    ]


def _office(role: Role | None, unit: str | None) -> str | None:
    return "/".join(filter(None, (unit, role))) if role else None


def check_value(channel: ChannelKind, value: str) -> None:
    """Raises Refused where it is none of the channel; what may be a secret is not repeated."""
    if channel in BY_NAME:
        form = NAME_AND_NUMBER if channel is ChannelKind.WEBHOOK else NAME
        if not form.fullmatch(value):
            more = "通用接口可写成 名称:号码。" if channel is ChannelKind.WEBHOOK else ""
            raise Refused(SECRET.removesuffix("。") + (f"；{more}" if more else "。"))
    elif len(value) > LONGEST:
        raise Refused(f"地址有 {len(value)} 个字符，最多 {LONGEST} 个；请核对。")
    elif channel is ChannelKind.EMAIL and not EMAIL.fullmatch(value):
        raise Refused(f"邮箱“{value}”不是邮箱地址；请改正。")
    elif channel is ChannelKind.WECOM and not ACCOUNT.fullmatch(value):
        raise Refused("企业微信账号只有字母、数字和 _ - . @，最多 64 个字符；请改正。")


def add_address(
    session: Session,
    person: Person,
    channel: ChannelKind,
    value: str,
    by: Actor,
    now: datetime,
    *,
    first: bool = False,
    post: Post | None = None,
) -> Address:
    """One more address, tried last, or `first`; with a post only for what that post hears.

    Raises Refused for what is no address, is known already, or a post of somebody else.
    """
    check_value(channel, value)
    if post is not None and post.person_id != person.id:
        raise Refused(f"第 {post.id} 号岗位不是{person.name}的；请写本人的岗位。")
    for known in person.addresses:
        if known.channel is channel and known.value == value:
            enable = f"；要重新使用，请用 duban addresses enable {known.id}"
            rest = enable if known.disabled_at else "，不必再加"
            raise Refused(f"{person.name}已有这个地址（第 {known.id} 号）{rest}。")
    position = _before_all(session, person) if first else next_position(session, person)
    address = Address(
        person=person,
        channel=channel,
        value=value,
        position=position,
        post_id=post.id if post else None,
    )
    session.add(address)
    session.flush()
    _note(session, address, "增加", by, now)
    return address


def _before_all(session: Session, person: Person) -> int:
    """Before every other one. The roster's own keep their numbers, by which it knows them."""
    lowest = session.scalar(
        select(func.min(Address.position)).where(Address.person_id == person.id)
    )
    return min(1, lowest if lowest is not None else 1) - 1


def disable_address(
    session: Session, address: Address, reason: str, by: Actor, now: datetime
) -> None:
    """Not used any more until it is enabled. Raises Refused where it is disabled already."""
    if address.disabled_at is not None:
        raise Refused(f"第 {address.id} 号地址已经停用（{address.disabled_why}），不必再停用。")
    if not reason.strip():
        raise Refused("停用地址要写明理由；请用 --reason 写上。")
    address.disabled_at, address.disabled_why = now, reason.strip()
    _note(session, address, f"停用（{address.disabled_why}）", by, now)


def enable_address(session: Session, address: Address, by: Actor, now: datetime) -> None:
    """Used again. Raises Refused where it is in use."""
    if address.disabled_at is None:
        raise Refused(f"第 {address.id} 号地址没有停用，不必启用。")
    _note(session, address, f"启用（原停用理由：{address.disabled_why}）", by, now)
    address.disabled_at = address.disabled_why = None


def remove_address(session: Session, address: Address, by: Actor, now: datetime) -> None:
    """Forgotten; what left for it stays on record."""
    _note(session, address, "删去", by, now)
    address.person.addresses.remove(address)
    session.delete(address)


def reachable(person: Person) -> bool:
    """Whether any address is left that may be used for whatever the person hears."""
    return any(one.disabled_at is None and one.post_id is None for one in person.addresses)


def _note(session: Session, address: Address, what: str, by: Actor, now: datetime) -> None:
    words = f"{what}{address.person.name}的地址 {address.channel} {address.value}"
    record(session, by, Act.ADDRESS_CHANGED, now, note=words)
