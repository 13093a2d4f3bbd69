"""Why a person gets a message: the sentence 您收到这条消息，是因为…"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.roles import Role

OPENING = "您收到这条消息，是因为"

WORDS = {
    Role.CONTACT: "您是{units}的联络员",
    Role.HEAD: "您是{units}的主要负责人",
    Role.LEADER: "您是{units}的责任领导",
    Role.SUPERVISION: "您在督导{units}的督导组",
    Role.LEADING_GROUP: "您是领导小组成员",
    Role.OFFICE: "您在活动办",
    Role.ADMIN: "您是系统管理员",
}

NAMED = 3
"""Units named before the rest is only counted."""


@dataclass(frozen=True)
class Reason:
    """One office a person is told in, and the unit it is about, if any.

    `own`: the post itself owes. `deputy_of`: told in the place of that holder, who is out of office
    today when `away`. `instead`: the office that is told because nobody holds the one that should.
    """

    role: Role
    unit: str = ""
    own: bool = False
    deputy_of: str = ""
    away: bool = False
    instead: str = ""


def because(reasons: Iterable[Reason]) -> str:
    """One sentence over all reasons; what one office hears of is said together."""
    groups: dict[tuple[Role, bool, str], list[Reason]] = {}
    for reason in reasons:
        groups.setdefault((reason.role, reason.own, reason.deputy_of), []).append(reason)
    return OPENING + "；".join(map(_phrase, groups.values())) + "。"


def _phrase(alike: list[Reason]) -> str:
    """Why, over the reasons of one office."""
    first = alike[0]
    if first.deputy_of:
        away = "，其外出期间由您代收" if any(reason.away for reason in alike) else ""
        return f"您是{first.deputy_of}的代理人{away}"
    if first.own:
        return f"您是{first.role}，有由您本人办理的事项"
    units = _each(reason.unit for reason in alike)
    instead = "；".join(_each(reason.instead for reason in alike))
    return _office(first.role, units) + (f"（{instead}）" if instead else "")


def _office(role: Role, units: list[str]) -> str:
    words = WORDS[role]
    if not units and "{units}" in words:
        return f"您是{role}"
    several = f"等{len(units)}个单位" if len(units) > NAMED else ""
    return words.format(units="、".join(units[:NAMED]) + several)


def _each(words: Iterable[str]) -> list[str]:
    """Each word once, in order, the empty ones left out."""
    return list(dict.fromkeys(filter(None, words)))
