"""duban addresses: where people are reached, in which order, and what is disabled."""

from __future__ import annotations

from collections import Counter

from desk.speech import Answer, Table
from desk.vocabulary import CHANNELS
from desk.workplace import Desk
from ledger.address_book import (
    AddressRow,
    add_address,
    address_rows,
    disable_address,
    enable_address,
    reachable,
    remove_address,
)
from ledger.addresses import Address, ChannelKind
from ledger.finding import find_address, find_person, find_post
from ledger.units import Person

HEADINGS = ("编号", "姓名", "方式", "地址", "次序", "只用于岗位", "状态")


def show_all(desk: Desk, person: str | None, disabled: bool) -> Answer:
    """Addresses, in the order in which they are tried."""
    where = [Address.person_id == find_person(desk.session, person).id] if person else []
    if disabled:
        where.append(Address.disabled_at.is_not(None))
    rows = address_rows(desk.session, where)
    tried: Counter[int] = Counter()
    cells = [_cells(desk, row, tried) for row in rows]
    return Answer(rows, [Table(HEADINGS, cells), f"共 {len(rows)} 个地址。"])


def _cells(desk: Desk, row: AddressRow, tried: Counter[int]) -> tuple[object, ...]:
    """`tried` counts the person's addresses before this one."""
    if row.disabled_at is None:
        tried[row.person_id] += 1
    order = tried[row.person_id] if row.disabled_at is None else ""
    state = "可用"
    if row.disabled_at:
        state = f"{desk.calendar.local_day(row.disabled_at)} 停用：{row.disabled_why}"
    return (row.id, row.person, CHANNELS[row.channel], row.value, order, row.only_for, state)


def add(desk: Desk, person: str, channel: str, value: str, first: bool, post: str | None) -> Answer:
    """One more address of a person."""
    found = find_person(desk.session, person)
    only = find_post(desk.session, post, desk.today) if post else None
    kind, by = ChannelKind(channel), desk.actor
    address = add_address(desk.session, found, kind, value, by, desk.now, first=first, post=only)
    order = "最先使用" if first else "排在最后"
    return _done(address, f"已给{found.name}增加第 {address.id} 号地址，{order}。")


def disable(desk: Desk, number: int, reason: str) -> Answer:
    """Do not use it any more."""
    address = find_address(desk.session, number)
    disable_address(desk.session, address, reason, desk.actor, desk.now)
    return _done(address, f"第 {number} 号地址已停用。{_left(address.person)}")


def enable(desk: Desk, number: int) -> Answer:
    """Use it again."""
    address = find_address(desk.session, number)
    enable_address(desk.session, address, desk.actor, desk.now)
    return _done(address, f"第 {number} 号地址已启用。")


def remove(desk: Desk, number: int) -> Answer:
    """Forget it."""
    address = find_address(desk.session, number)
    person = address.person
    remove_address(desk.session, address, desk.actor, desk.now)
    return _done(address, f"已删去{person.name}的第 {number} 号地址。{_left(person)}")


def _left(person: Person) -> str:
    if reachable(person):
        return ""
    return (
        f"{person.name}没有可用的地址了：发给他的消息将改发代理人、主要负责人或活动办；请尽快补上。"
    )


def _done(address: Address, said: str) -> Answer:
    data = {
        "id": address.id,
        "person_id": address.person_id,
        "channel": address.channel,
        "value": address.value,
        "disabled_at": address.disabled_at,
    }
    return Answer(data, [said])
