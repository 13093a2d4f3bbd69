"""The ladders (逐级提醒) of a plan: which offices hear of a case, how far from its due date."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, field_validator, model_validator

from ledger.horizon import MOST_WORKDAYS
from ledger.plan_faults import misfit
from ledger.plan_part import Part, or_bare
from ledger.roles import Role


def name_rung(rung: Mapping[str, Any]) -> str:
    """What a rung is called where the plan gives it no name."""
    offices = set(rung["to"])
    if Role.LEADING_GROUP in offices:
        return "提请领导小组"
    if offices & {Role.LEADER, Role.SUPERVISION}:
        return "督办"
    return "提醒" if rung["offset"] <= 0 else "催办"


class Rung(Part):
    """One rung: `offset` working days from due (before it when negative), to these offices.

    `every`: said again each so many working days.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    offset: int = Field(
        alias="at",
        ge=-MOST_WORKDAYS,
        le=MOST_WORKDAYS,
        description="离期限几个工作日，到期之前写负数",
    )
    to: tuple[Role, ...] = Field(description="提醒哪些角色")
    every: int | None = Field(
        default=None,
        ge=1,
        le=MOST_WORKDAYS,
        description="最高一级每隔几个工作日再提醒一次",
    )
    name: str = Field(
        default_factory=name_rung, min_length=1, description="这一级叫什么；不写按角色起名"
    )

    @field_validator("to")
    @classmethod
    def goes_somewhere(cls, to: tuple[Role, ...]) -> tuple[Role, ...]:
        """A rung that tells nobody is no rung."""
        if not to:
            raise misfit("这一级没有写提醒谁", "应当至少写一个角色，如 [联络员]")
        return to


class Ladder(Part):
    """The rungs from the bottom up; `monthly_to` gets a list of the missing once a month.

    In a plan a ladder is written as the list of its rungs, or as {rungs, monthly_to}.
    """

    model_config = ConfigDict(serialize_by_alias=True, json_schema_extra=or_bare("rungs"))

    rungs: tuple[Rung, ...] = Field(description="自下而上各级")
    monthly_to: Role | None = Field(default=None, description="每月的未报名单给哪个角色")

    @model_validator(mode="before")
    @classmethod
    def list_of_rungs(cls, written: Any) -> Any:
        """A bare list is the rungs."""
        if isinstance(written, (list, tuple)):
            return {"rungs": written}
        if isinstance(written, (dict, Ladder)):
            return written
        raise misfit("这不是逐级提醒", "应当逐级写成列表，如 [{at: 1, to: [联络员]}]")

    @field_validator("rungs")
    @classmethod
    def rises(cls, rungs: tuple[Rung, ...]) -> tuple[Rung, ...]:
        """A ladder has rungs, each later than the one below; only the topmost may repeat."""
        if not rungs:
            raise misfit("这个逐级提醒一级也没有", "应当至少写一级，如 {at: 1, to: [联络员]}")
        for number, (lower, upper) in enumerate(pairwise(rungs), start=1):
            if upper.offset <= lower.offset:
                raise misfit(
                    f"第{number}级（at: {upper.offset}）不晚于下面一级（at: {lower.offset}）",
                    "应当自下而上一级比一级晚",
                )
            if lower.every:
                raise misfit(f"第{number - 1}级不是最高一级却写了 every", "应当只让最高一级重复")
        return rungs


def _rung(offset: int, *to: Role, every: int | None = None) -> Rung:
    return Rung(at=offset, to=to, every=every)


DEFAULT_LADDERS: Mapping[str, Ladder] = {
    "rectification": Ladder(
        rungs=(
            _rung(-3, Role.CONTACT),
            _rung(1, Role.CONTACT, Role.HEAD),
            _rung(3, Role.LEADER, Role.SUPERVISION),
            _rung(7, Role.LEADING_GROUP, every=5),
        )
    ),
    "submission": Ladder(
        rungs=(
            _rung(-3, Role.CONTACT),
            _rung(1, Role.CONTACT, Role.HEAD),
            _rung(5, Role.LEADER),
        ),
        monthly_to=Role.OFFICE,
    ),
}


def with_defaults(written: Mapping[str, Ladder]) -> Mapping[str, Ladder]:
    """The plan's ladders over the default ones.

    A default ladder rewritten keeps its monthly list unless the plan says `monthly_to` itself.
    """
    ladders = dict(DEFAULT_LADDERS)
    for name, ladder in written.items():
        if name in DEFAULT_LADDERS and "monthly_to" not in ladder.model_fields_set:
            monthly_to = DEFAULT_LADDERS[name].monthly_to
            ladder = ladder.model_copy(update={"monthly_to": monthly_to})
        ladders[name] = ladder
    return ladders


Ladders = Annotated[Mapping[str, Ladder], AfterValidator(with_defaults)]
