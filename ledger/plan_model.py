"""The plan of a campaign, whole: what its parts mean to each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PrivateAttr

from ledger.periods import REPEATING, Cycle
from ledger.plan_addressees import Addressee, Claim, Target, claims, contested, settle
from ledger.plan_dates import CAMPAIGN_END, LastDay
from ledger.plan_faults import Fault, misfit
from ledger.plan_items import Item, Window
from ledger.plan_ladders import DEFAULT_LADDERS, Ladder, Ladders
from ledger.plan_part import Key, Part, Text
from ledger.plan_parts import Document, Opening, OpeningKind, Roll, Scheme, Signing, Stage
from ledger.plan_source import Loc, Source


def known_zone(name: str) -> str:
    """A time zone's name as it stands; a misfit when there is none of that name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise misfit(f"没有“{name}”这个时区", "应当写时区名，如 Asia/Shanghai") from None
    return name


def some(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """The items as they stand; a misfit when there are none."""
    if not items:
        raise misfit("一项也没有", "应当至少写一项")
    return items


Zone = Annotated[str, AfterValidator(known_zone)]
Items = Annotated[tuple[Item, ...], AfterValidator(some)]


class Plan(Part):
    """A campaign's plan, whole and checked."""

    name: Text = Field(description="活动全称")
    slug: Key = Field(description="编号：小写英文、数字、短横线；启动以后不改")
    short: Text = Field(description="简称，消息里用")
    document: Document = Field(description="发起活动的通知、方案")
    parents: tuple[Document, ...] = Field(default=(), description="上级文件，随启动通知发出")
    schemes: tuple[Scheme, ...] = Field(default=(), description="要对照迎检的外部考核细则")
    follows: Key | None = Field(
        default=None, description="接续哪个活动，写它的编号；那里没有销号的问题继续跟踪"
    )
    timezone: Zone = Field(default="Asia/Shanghai", description="时区")
    launched: LastDay = Field(default=None, description="哪天启动；不写按印发日期推演")
    ends: LastDay = Field(default=None, description="活动哪天结束；不写由活动办结束")
    roll: Roll = Field(
        default=Roll.NONE, description="期限遇休息日：none 不动、next 顺延、previous 提前"
    )
    addressees: Mapping[str, Addressee] = Field(description="通知里的称呼指谁")
    ladders: Ladders = Field(
        default=DEFAULT_LADDERS,
        description="逐级提醒：submission 报送，rectification 整改，或自起名称",
    )
    stop_reasons: tuple[str, ...] = Field(default=(), description="哪些理由可以停表")
    sign: Signing = Field(
        default=Signing(), description="签收：启动通知要不要签收，几个工作日内签收"
    )
    stages: tuple[Stage, ...] = Field(default=(), description="阶段；没有就不写")
    workstreams: Mapping[Key, Text] = Field(
        default_factory=dict,
        description="并行的工作线，写 编号: 名称",
        json_schema_extra={"additionalProperties": False},
    )
    items: Items = Field(description="报送事项")

    _source: Source = PrivateAttr(default_factory=Source)

    def remember(self, source: Source) -> Plan:
        """Keep the text the plan was read from, so that later faults can name its lines."""
        self._source = source
        return self

    def fault(self, loc: Loc, wrong: str, right: str) -> Fault:
        """A fault at a place in this plan, such as ("items", 3, "due")."""
        return self._source.fault(loc, wrong, right)

    @property
    def starts(self) -> date | None:
        """The day it was launched, else the day the notice was issued."""
        return self.launched or self.document.issued

    @property
    def last_date(self) -> date | None:
        """The last date any item names, or None when the plan has no date at all."""
        named = [day for item in self.items for day in (item.due, item.until, item.from_)]
        return max((day for day in named if isinstance(day, date)), default=None)

    def stage(self, id: str) -> Stage:
        """The stage of this id; KeyError when there is none."""
        return {stage.id: stage for stage in self.stages}[id]

    def item(self, id: str) -> Item:
        """The item of this id; KeyError when there is none."""
        return {item.id: item for item in self.items}[id]

    def ladder_of(self, item: Item) -> Ladder:
        """The ladder an item's rows climb."""
        return self.ladders[item.ladder]

    def roll_of(self, item: Item) -> Roll:
        """What happens to the item's due date on a rest day: the item's word, else the plan's."""
        return item.roll or self.roll

    def window_of(self, item: Item) -> Window:
        """The item's window, never beyond the campaign's end where that is known.

        A cycle that names no window runs as long as its stage; its due date ends it.
        """
        bounds: Item | Stage = item
        if item.cycle is not Cycle.ONCE and item.stage and not (item.from_ or item.until):
            bounds = self.stage(item.stage)
        due = item.due if item.reporting in REPEATING and isinstance(item.due, date) else None
        return Window(
            first=bounds.from_,
            last=min((day for day in (bounds.last, due, self.ends) if day), default=None),
            ends_with_campaign=bounds.until is CAMPAIGN_END,
        )

    def opening_of(self, stage: Stage) -> Opening:
        """What opens a stage: as the plan says, else read from the windows.

        Without a start it opens with the first dated stage inside it, else with its parent, a top
        stage at launch. With one it opens on its date, except that it stands after the stage
        before it when it overlaps none beside it.
        """
        if stage.opens:
            on = stage.from_ if stage.opens.kind is OpeningKind.DATE else None
            return stage.opens.model_copy(update={"on": on})
        if stage.from_ is None:
            return self._opening_with_others(stage)
        beside = [other for other in self.stages if other.parent == stage.parent]
        before = beside[: beside.index(stage)]
        if not before or any(stage.overlaps(other) for other in beside if other is not stage):
            return Opening(kind=OpeningKind.DATE, on=stage.from_)
        return Opening(kind=OpeningKind.AFTER, after=(before[-1].id,))

    def _opening_with_others(self, stage: Stage) -> Opening:
        inner = [other.from_ for other in self.stages if other.parent == stage.id and other.from_]
        if inner:
            return Opening(kind=OpeningKind.DATE, on=min(inner))
        if stage.parent:
            return self.opening_of(self.stage(stage.parent))
        return Opening(kind=OpeningKind.LAUNCH)

    def is_external(self, item: Item) -> bool:
        """Whether only superior organs do it: it stands in the calendar and is never owed."""
        return all(self.addressees[name].external for name in item.who)

    def targets(self, item: Item) -> tuple[Target, ...]:
        """Whom an item is asked of, after the narrower has won on a matter asked of both."""
        return settle(self._claims(item), self._rivals(item))

    def contested(self, item: Item) -> tuple[Target, ...]:
        """The targets another item on the same matter claims with equal right: a fault."""
        return contested(self._claims(item), self._rivals(item))

    def _claims(self, item: Item) -> tuple[Claim, ...]:
        found = claims(self.addressees, item.who)
        return tuple(claim.for_each_person() for claim in found) if item.per_person else found

    def _rivals(self, item: Item) -> list[Claim]:
        if item.matter is None:
            return []
        return [
            claim
            for other in self.items
            if other.matter == item.matter and other is not item
            for claim in self._claims(other)
        ]
