"""A plan's items (报送事项): what is asked, of whom, by when, how often, as the notice words it.

`from` of the YAML is spelt `from_` in Python.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from ledger.horizon import MOST_WORKDAYS
from ledger.periods import Cycle
from ledger.plan_dates import CAMPAIGN_END, Due, DueRule, FirstDay, LastDay, Until
from ledger.plan_faults import misfit
from ledger.plan_part import Key, Part, Text, or_bare
from ledger.plan_parts import Roll

MOST = 1_000_000
"""More pieces, or words, than anybody means to ask for."""


class Quota(Part):
    """At least `min`, and at most `max` where the notice says so."""

    model_config = ConfigDict(json_schema_extra=or_bare("min"))

    min: int = Field(ge=1, le=MOST, description="最少几件")
    max: int | None = Field(default=None, le=MOST, description="最多几件")

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


class MoveTo(Part):
    """How `passed:` names a new date."""

    move: LastDay = Field(description="改到哪天")


PassedAnswer = Annotated[
    Passed | None, BeforeValidator(read_passed, Literal["keep", "drop"] | MoveTo | None)
]


def form_file(written: str) -> str:
    """A blank form's path as it stands; a misfit when it is no .xlsx or .docx beside the plan."""
    path = PurePosixPath(written)
    if path.suffix.lower() not in (".xlsx", ".docx"):
        raise misfit(f"空白表格“{written}”不是 .xlsx 或 .docx", "请另存为这两种格式之一")
    if path.is_absolute() or ".." in path.parts or "\\" in written:
        raise misfit(f"空白表格“{written}”不在方案旁边", "应当写成相对方案文件的路径")
    return written


class Item(Part):
    """A deliverable (报送事项): what is asked, of whom, by when, how often, at least how many."""

    id: Key = Field(description="编号：小写英文、数字、短横线")
    gold: str | None = Field(default=None, description="这一项在核对用的事实表里的编号")
    what: Text = Field(description="报什么：大家看到的名称")
    who: tuple[str, ...] = Field(description="谁报：addressees 里的称呼")
    to: str | None = Field(default=None, description="报给谁")
    stage: str | None = Field(default=None, description="属于哪个阶段，写阶段编号")
    workstream: str | None = Field(default=None, description="属于哪条工作线，写它的编号")
    due: Due = Field(
        default=None,
        description="期限：日期，或 stage_end 随阶段结束、campaign_end 随活动结束、"
        "opened+5 阶段启动后几个工作日；有周期的，报到这一天为止",
    )
    from_: FirstDay = Field(default=None, alias="from", description="哪天开始；只写月份是月初")
    until: Until = Field(
        default=None, description="哪天为止；只写月份是月末，campaign_end 是至活动结束"
    )
    cycle: Cycle = Field(
        default=Cycle.ONCE,
        description="多久做一次：once 一次、daily 日、weekly 周、ten_days 旬、monthly 月、"
        "quarterly 季、half_yearly 半年、yearly 年、periodic 定期而没说多久、"
        "irregular 不定期、per_event 随事",
    )
    report: Cycle | None = Field(
        default=None, description="多久报一次，比做得疏时才写；每天做的，不写按月报"
    )
    quota: Quota | None = Field(
        default=None, description="每次至少几件，如 2；有上限写 {min: 2, max: 3}"
    )
    min_length: int | None = Field(default=None, ge=1, le=MOST, description="每件至少多少字")
    parts: tuple[Text, ...] = Field(default=(), description="一期分成哪几件，报齐才算")
    steps: tuple[Text, ...] = Field(default=(), description="先后几步，通知没有给每一步日期的")
    reporter: tuple[str, ...] = Field(
        default=(), description="听取汇报的事项，由谁汇报：addressees 里的称呼"
    )
    review: bool = Field(default=True, description="要不要审核；false 是收到即备案")
    per_person: bool = Field(default=False, description="每人一份：一个单位一行，记人数")
    matter: str | None = Field(
        default=None, description="同一件事对宽窄两类单位要求不同时写同一个词，窄的优先"
    )
    roll: Roll | None = Field(default=None, description="期限遇休息日：none 不动、next、previous")
    ladder: str = Field(default="submission", description="用哪个逐级提醒")
    correction_days: int = Field(
        default=3, ge=1, le=MOST_WORKDAYS, description="退回后几个工作日改正"
    )
    passed: PassedAnswer = Field(
        default=None, description="启动时期限已过：keep 保留、drop 不要、{move: 日期} 改期"
    )
    trigger: str | None = Field(default=None, description="随事报送的，出了什么事要报")
    forms: tuple[Annotated[str, AfterValidator(form_file)], ...] = Field(
        default=(), description="空白表格，.xlsx 或 .docx，相对于方案文件的位置；随启动通知发出"
    )
    note: str | None = Field(default=None, description="备注：通知没有写明而作的理解")

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
    def reporting(self) -> Cycle:
        """The cycle its rows follow: `report`, else its own; what is done daily comes monthly."""
        return self.report or (Cycle.MONTHLY if self.cycle is Cycle.DAILY else self.cycle)

    @property
    def counted(self) -> Quota | None:
        """The quota of one row; a report on several turns of the cycle is one hand-in."""
        return self.quota if self.reporting is self.cycle else None

    @property
    def required(self) -> int:
        """How many hand-ins make one obligation complete: the quota, else its parts, else 1."""
        return self.counted.min if self.counted else len(self.parts) or 1


class Window(Part):
    """The days on which an item is asked; None is no limit."""

    first: date | None
    last: date | None
    ends_with_campaign: bool
