"""Where a test message goes: a mailbox, a robot's name, an account, or a person of the roster."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from config.schema import SchemaError
from config.secrets import robots
from desk.vocabulary import CHANNELS
from desk.workplace import Workplace
from ledger.addresses import BY_NAME, Address, ChannelKind
from ledger.errors import NotFound, Refused
from ledger.units import Person
from notifications.channels.robots import robot_kind


@dataclass(frozen=True)
class Destination:
    """A way out and an address there."""

    kind: ChannelKind
    address: str
    name: str = "测试"


def destination(place: Workplace, word: str, kind: ChannelKind | None) -> Destination:
    """What the word means; with a kind, of that one.

    Needs no ledger for a mailbox or a robot. Raises Refused or NotFound with one sentence.
    """
    if "@" in word and kind in (None, ChannelKind.EMAIL):
        return Destination(ChannelKind.EMAIL, word)
    robot = robots().get(word.partition(":")[0].upper())
    if robot is not None and (kind is None or kind in BY_NAME):
        return Destination(kind or robot_kind(robot), word)
    if person := _person(place, word, kind):
        return person
    if kind is not None:
        return Destination(kind, word)
    if place.settings.wecom_corp_id is not None and word.isascii():
        return Destination(ChannelKind.WECOM, word)
    names = "、".join(robots()) or "一个也没有设"
    raise NotFound(
        f"没有“{word}”：它不是邮箱，不是机器人的名字（{names}），也没有可用地址的人叫这个名字；"
        "账号请用 --channel 写明通道。"
    )


def _person(place: Workplace, name: str, kind: ChannelKind | None) -> Destination | None:
    """The first usable address of the one person of that name."""
    with (
        suppress(SchemaError, DatabaseError),
        place.database() as database,
        database.reading() as session,
    ):
        return _first(session, name, kind)
    return None


def _first(session: Session, name: str, kind: ChannelKind | None) -> Destination | None:
    persons = session.scalars(select(Person).where(Person.name == name)).all()
    if len(persons) > 1:
        raise Refused(f"叫{name}的有 {len(persons)} 个人；请写要试的地址本身。")
    if not persons:
        return None
    usable = (Address.person_id == persons[0].id, Address.disabled_at.is_(None))
    found = session.scalars(select(Address).where(*usable).order_by(Address.position)).all()
    for address in found:
        if kind in (None, address.channel):
            return Destination(address.channel, address.value, name)
    of_kind = CHANNELS[kind.value] if kind else ""
    raise Refused(f"{name}没有可用的{of_kind}地址；请在岗位表里补上，或写要试的地址本身。")
