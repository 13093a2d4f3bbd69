"""A behaviour file: who does what when in a rehearsal (推演) or the demo.

`hand_in` are rules: the first that fits an obligation decides whether and when its respondent
hands in, in working days from the due date. `acts` are single acts at given moments. `down` are
days on which the machine stands still. `stages: on_due` lets the office move each stage at 18:00
on its due date; `stages: by_act` leaves that to the acts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ledger.horizon import MOST_WORKDAYS
from ledger.plan_dates import reckoned
from ledger.plan_errors import faults_of
from ledger.plan_faults import PlanError, misfit
from ledger.plan_source import read_source


def read_time(value: Any) -> Any:
    """A time of day as 16:00; YAML may have read it as a text already."""
    try:
        return time.fromisoformat(str(value))
    except ValueError:
        raise misfit(f"“{value}”不是时刻", "应当写成 '16:00'，加引号") from None


def read_moment(value: Any) -> Any:
    """A moment of local time as 2017-05-02 10:00; a bare date is 10:00 of that day."""
    text = str(value).strip()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise misfit(f"“{value}”不是存在的时刻", "应当写成 2017-05-02 10:00") from None
    reckoned(moment.date())
    return moment.replace(hour=10) if len(text) == len("2017-05-02") else moment


def read_span(value: Any) -> Any:
    """One day, or {from, until}."""
    return value if isinstance(value, dict | DownDays) else {"from": value, "until": value}


Day = Annotated[date, AfterValidator(reckoned)]


class Part(BaseModel):
    """What every part of a behaviour file has in common."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class DownDays(Part):
    """Days on which the machine stands still; both included."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="until")

    def days(self) -> Iterator[date]:
        """Each day of the span."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)


class HandInRule(Part):
    """Whose hand-ins come when. Without `items` or `who` it fits all.

    `day`: working days from the due date (0: on it); None: never. `share`: the part of the
    respondents it fits, chosen alike at every run.
    """

    items: tuple[str, ...] = ()
    who: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    day: int | None = Field(default=None, ge=-MOST_WORKDAYS, le=MOST_WORKDAYS)
    at: Annotated[time, BeforeValidator(read_time)] = time(15, 0)
    share: float = Field(default=1.0, ge=0, le=1)
    accept_after: int | None = Field(default=2, ge=0, le=MOST_WORKDAYS)


class Do(StrEnum):
    """What can be done in a rehearsal."""

    HAND_IN = "hand_in"
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    EXEMPT = "exempt"
    OPEN = "open"
    REGISTER = "register"
    ASSIGN = "assign"
    REQUEST_CLOSE = "request_close"
    VERIFY = "verify"
    REOPEN = "reopen"
    ASK_EXTENSION = "ask_extension"
    DECIDE_EXTENSION = "decide_extension"
    MOVE_STAGE = "move_stage"
    EXTEND_STAGE = "extend_stage"
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE_CAMPAIGN = "close_campaign"


class ActOnce(Part):
    """One act: `by` names a person (default: a contact of the unit, or the office).

    A problem is named by `problem` (any word, given when it is registered); an obligation by
    `item`, `unit` and `period` (default: the oldest still open).
    """

    at: Annotated[datetime, BeforeValidator(read_moment)]
    do: Do
    by: str | None = None
    problem: str | None = None
    item: str | None = None
    unit: str | None = None
    period: str | None = None
    stage: str | None = None
    title: str = ""
    source: str = ""
    problem_class: str = Field(default="", alias="class")
    due: Day | None = None
    start_rung: int = Field(default=0, ge=0)
    ok: bool = True
    count: int = Field(default=1, ge=1)
    text: str = "（推演）"


class Behaviour(Part):
    """A whole behaviour file."""

    hand_in: tuple[HandInRule, ...] = ()
    acts: tuple[ActOnce, ...] = ()
    down: tuple[Annotated[DownDays, BeforeValidator(read_span)], ...] = ()
    stages: Literal["on_due", "by_act"] = "on_due"

    def down_days(self) -> frozenset[date]:
        """All days on which the machine stands still."""
        return frozenset(day for span in self.down for day in span.days())


NOBODY = Behaviour()
"""Nobody hands in anything; the office moves each stage at 18:00 on its due date."""


def read_behaviour(text: str, file: str) -> Behaviour:
    """The behaviour in a YAML text. Raises PlanError with every fault and its line."""
    source = read_source(text, file)
    try:
        return Behaviour.model_validate(source.tree)
    except ValidationError as error:
        raise PlanError(faults_of(error, Behaviour, source)) from error
