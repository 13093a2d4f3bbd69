"""Persons and their addresses as the roster gives them: found again, or taken in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ledger.addresses import Address, ChannelKind
from ledger.errors import Refused
from ledger.units import Person

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

GIVEN = {"邮箱": ChannelKind.EMAIL, "企业微信": ChannelKind.WECOM}
"""The headings that give addresses, in the order in which they are tried."""

REACHABLE = ("邮箱", "手机", "企业微信")


def check_reachable(name: str, cells: Mapping[str, str]) -> None:
    """Raises Refused when nothing a person could be reached by is given, or a wrong mailbox."""
    if not any(cells.get(heading) for heading in REACHABLE):
        raise Refused(f"{name}没有手机、邮箱或企业微信，消息送不到；请至少填一项。")
    if (email := cells.get("邮箱")) and not EMAIL.fullmatch(email):
        raise Refused(f"邮箱“{email}”不是邮箱地址；请改正。")


def known_person(session: Session, name: str, cells: Mapping[str, str]) -> Person | None:
    """Two rows with one name and one mobile (else one mailbox, one account) are one person."""
    wanted: list[ColumnElement[bool]] = []
    if mobile := cells.get("手机"):
        wanted.append(Person.mobile == mobile)
    for heading, channel in GIVEN.items():
        if value := cells.get(heading):
            wanted.append(Person.addresses.any(channel=channel, value=value))
    for same in wanted:
        if person := session.scalar(select(Person).where(Person.name == name, same)):
            return person
    return None


def take_person(session: Session, name: str, cells: Mapping[str, str]) -> Person:
    """A person not known yet."""
    person = Person(name=name, mobile=cells.get("手机") or None)
    session.add(person)
    session.flush()
    update_person(session, person, cells)
    return person


def update_person(session: Session, person: Person, cells: Mapping[str, str]) -> bool:
    """Write what the row gives; whether anything changed. What it leaves out stays."""
    changed = False
    mobile = cells.get("手机")
    if mobile and person.mobile != mobile:
        person.mobile, changed = mobile, True
    for position, (heading, channel) in enumerate(GIVEN.items(), 1):
        value = cells.get(heading)
        if value and _give(session, person, channel, value, position):
            changed = True
    return changed


def _give(
    session: Session, person: Person, channel: ChannelKind, value: str, position: int
) -> bool:
    """The address the roster names replaces the one it named before, which may have been dead."""
    if any(known.channel is channel and known.value == value for known in person.addresses):
        return False
    for known in person.addresses:
        if known.channel is channel and known.position == position:
            known.value, known.disabled_at, known.disabled_why = value, None, None
            return True
    person.addresses.append(Address(channel=channel, value=value, position=position))
    return True


def next_position(session: Session, person: Person) -> int:
    """After all addresses the roster may give."""
    last = session.scalar(select(func.max(Address.position)).where(Address.person_id == person.id))
    return max(last or 0, len(GIVEN)) + 1
