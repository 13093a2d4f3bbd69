"""The parts of a plan: documents, stages and items, as the notice words them. None ever changes.

`from` of the YAML is spelt `from_` in Python.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ledger.periods import Cycle
from ledger.plan_dates import CAMPAIGN_END, Due, DueRule, FirstDay, LastDay, Until
from ledger.plan_faults import misfit
from ledger.workdays import WorkCalendar

Text = Annotated[str, Field(min_length=1)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]


class Part(BaseModel):
    """What every part of a plan has in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Roll(StrEnum):
    """Where a due date that falls on a rest day goes."""

    NONE = "none"
    NEXT = "next"
    PREVIOUS = "previous"


def rolled(day: date, roll: Roll, calendar: WorkCalendar) -> date:
    """A due date moved off a rest day, where the plan says it moves; else as written."""
    if roll is Roll.NONE or calendar.is_workday(day):
        return day
    return calendar.shift(day, 1 if roll is Roll.NEXT else -1)


class Document(Part):
    """A notice: title, 文号, issuer, day of issue; `file` is relative to the plan's own file."""

    title: Text
    number: str | None = None
    issuer: str | None = None
    issued: LastDay = None
    file: str | None = None


class OpeningKind(StrEnum):
    """What opens a stage."""

    DATE = "date"
    AFTER = "after"
    OFFICE = "office"
    LAUNCH = "launch"


class Opening(Part):
    """How a stage opens: `on` its date, `after` all these stages, by the office, or at launch."""

    kind: OpeningKind
    on: date | None = None
    after: tuple[str, ...] = ()


def read_opens(written: Any) -> Any:
    """`opens:` as a plan writes it: date, office or {after: [ids]}."""
    if written in ("date", "office"):
        return {"kind": written}
    if isinstance(written, dict) and set(written) == {"after"} and written["after"]:
        return {"kind": "after", **written}
    if written is None or isinstance(written, Opening):
        return written
    raise misfit("看不懂这个启动方式", "应当写 date、office 或 {after: [阶段编号]}")


class Stage(Part):
    """A stage (阶段); inside another one when `parent` says so."""

    id: Key
    name: Text
    parent: str | None = None
    from_: FirstDay = Field(default=None, alias="from")
    until: Until = None
    opens: Annotated[Opening | None, BeforeValidator(read_opens)] = None

    @property
    def last(self) -> date | None:
        """The last day, or None where the stage is closed by the office or with the campaign."""
        return self.until if isinstance(self.until, date) else None

    def overlaps(self, other: Stage) -> bool:
        """Whether both windows share a day; an end not written reaches without limit."""
        return (self.from_ or date.min) <= (other.last or date.max) and (
            other.from_ or date.min
        ) <= (self.last or date.max)


class Quota(Part):
    """At least `min`, and at most `max` where the notice says so."""

    min: int = Field(ge=1)
    max: int | None = None

    @model_validator(mode="before")
    @classmethod
    def bare_number(cls, written: Any) -> Any:
        """A bare number is the least."""
        if isinstance(written, int):
            return {"min": written}
        if isinstance(written, (dict, Quota)):
            return written
        raise misfit(f"“{written}”不是数量", "应当写整数，如 2，或 {min: 2, max: 3}")

    @model_validator(mode="after")
    def ordered(self) -> Quota:
        """The most is not below the least."""
        if self.max is not None and self.max < self.min:
            raise misfit(f"最多 {self.max} 少于最少 {self.min}", "应当让 max 不小于 min")
        return self


class PassedAction(StrEnum):
    """What becomes of a fixed date that has passed when the campaign is launched."""

    KEEP = "keep"
    DROP = "drop"
    MOVE = "move"


class Passed(Part):
    """The plan's answer, given beforehand, for a date that has passed at launch."""

    action: PassedAction
    move: LastDay = None


def read_passed(written: Any) -> Any:
    """`passed:` as a plan writes it: keep, drop or {move: date}."""
    if written in ("keep", "drop"):
        return {"action": written}
    if isinstance(written, dict) and set(written) == {"move"} and written["move"] is not None:
        return {"action": "move", **written}
    if written is None or isinstance(written, Passed):
        return written
    raise misfit("看不懂这个处理办法", "应当写 keep、drop 或 {move: 日期}")


class Item(Part):
    """A deliverable (报送事项): what is asked, of whom, by when, how often, at least how many."""

    id: Key
    gold: str | None = None
    what: Text
    who: tuple[str, ...]
    to: str | None = None
    stage: str | None = None
    due: Due = None
    from_: FirstDay = Field(default=None, alias="from")
    until: Until = None
    cycle: Cycle = Cycle.ONCE
    quota: Quota | None = None
    review: bool = True
    per_person: bool = False
    matter: str | None = None
    roll: Roll | None = None
    ladder: str = "submission"
    correction_days: int = Field(default=3, ge=1)
    passed: Annotated[Passed | None, BeforeValidator(read_passed)] = None
    trigger: str | None = None
    note: str | None = None

    @property
    def first(self) -> date | None:
        """The first day of the item's own window."""
        return self.from_

    @property
    def last(self) -> date | None:
        """The last day of the item's own window; None: no end, or the campaign's."""
        return self.until if isinstance(self.until, date) else None

    @property
    def ends_with_campaign(self) -> bool:
        """Whether the window runs 至活动结束."""
        return self.until is CAMPAIGN_END

    @property
    def due_rule(self) -> DueRule:
        """What a one-off item is due by: as written, else its window's end; None: undated.

        CAMPAIGN_END is no date while the campaign's end is not known. A cycle's rows are due with
        their periods, an event's rows have the date they are opened with: None for both.
        """
        if self.cycle is not Cycle.ONCE:
            return None
        return self.until if self.due is None else self.due

    @property
    def required(self) -> int:
        """How many hand-ins make one obligation complete: 1 where the plan names no quota."""
        return self.quota.min if self.quota else 1


class Window(Part):
    """The days on which an item is asked; None is no limit."""

    first: date | None
    last: date | None
    ends_with_campaign: bool
