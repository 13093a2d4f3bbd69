"""The parts of a plan around its items: documents, schemes and stages, as the notice words them.

`from` of the YAML is spelt `from_` in Python.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from ledger.horizon import MOST_WORKDAYS
from ledger.plan_dates import FirstDay, LastDay, Until
from ledger.plan_faults import misfit
from ledger.plan_part import Key, Part, Text
from ledger.signatures import WITHIN
from ledger.workdays import WorkCalendar


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

    title: Text = Field(description="标题")
    number: str | None = Field(default=None, description="文号")
    issuer: str | None = Field(default=None, description="发文单位")
    issued: LastDay = Field(default=None, description="印发日期")
    file: str | None = Field(default=None, description="原文，相对于方案文件的位置")


class Scheme(Part):
    """An outside scheme of points (考核细则) that the campaign is to be ready for."""

    title: Text = Field(description="名称")
    issuer: str | None = Field(default=None, description="谁制定、谁来考核")
    note: str | None = Field(default=None, description="备注")


class Signing(Part):
    """Whether the contacts sign for the launch notice (签收), and in how many working days.

    `within` is also the limit of what the office sends by hand for the campaign.
    """

    launch: bool = Field(default=False, description="启动通知要不要联络员签收")
    within: int = Field(
        default=WITHIN,
        ge=1,
        le=MOST_WORKDAYS,
        description="几个工作日内签收，临时通知同",
    )


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


class After(Part):
    """How `opens:` names the stages to stand after."""

    after: tuple[str, ...] = Field(min_length=1, description="这些阶段都转段后启动，写阶段编号")


def read_opens(written: Any) -> Any:
    """`opens:` as a plan writes it: date, office or {after: [ids]}."""
    if written in ("date", "office"):
        return {"kind": written}
    if isinstance(written, dict) and set(written) == {"after"} and written["after"]:
        return {"kind": "after", **written}
    if written is None or isinstance(written, Opening):
        return written
    raise misfit("看不懂这个启动方式", "应当写 date、office 或 {after: [阶段编号]}")


Opens = Annotated[
    Opening | None, BeforeValidator(read_opens, Literal["date", "office"] | After | None)
]


class Stage(Part):
    """A stage (阶段); inside another one when `parent` says so."""

    id: Key = Field(description="编号：小写英文、数字、短横线")
    name: Text = Field(description="阶段名称")
    parent: str | None = Field(default=None, description="在哪个阶段里面，写那个阶段的编号")
    from_: FirstDay = Field(default=None, alias="from", description="哪天开始；只写月份是月初")
    until: Until = Field(default=None, description="哪天为止；只写月份是月末，不写由活动办转段")
    opens: Opens = Field(
        default=None, description="怎样启动：date 到开始日，office 由活动办，{after: [编号]} 转段后"
    )

    @property
    def last(self) -> date | None:
        """The last day, or None where the stage is closed by the office or with the campaign."""
        return self.until if isinstance(self.until, date) else None

    def overlaps(self, other: Stage) -> bool:
        """Whether both windows share a day; an end not written reaches without limit."""
        return (self.from_ or date.min) <= (other.last or date.max) and (
            other.from_ or date.min
        ) <= (self.last or date.max)
