"""A sample of each kind of message, to be looked at before one is sent. All in it is invented."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ledger.announced import Announced, Earlier
from ledger.announcements import Telling
from ledger.letters import Letter, SignBy, Sort
from ledger.lines import Line
from ledger.messages import ItemKind, MessageKind
from ledger.plan import Document
from ledger.reasons import Reason, because
from ledger.roles import Role
from ledger.titles import obligation_title, problem_title
from notifications.kinds import Face
from notifications.notice import Form, Notice, StageDates

ZONE = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 5, 13, 9, 0, tzinfo=ZONE)
"""A Wednesday."""

TODAY = AT.date()
CAMPAIGN, SHORT = "云川市教育系统读书活动", "读书"
OTHER = {"campaign": "卫生", "campaign_name": "云川市校园环境卫生整治活动"}
CONTACT = Reason(Role.CONTACT, "云川市第一中学")
LEADER = Reason(Role.LEADER, "云川市第一中学")
OFFICE = Reason(Role.OFFICE)


@dataclass(frozen=True)
class Sample:
    """A letter with all that rendering it takes."""

    letter: Letter
    notice: Notice | None = None
    sign_link: str | None = None


def sample(kind: Face) -> Sample:
    """The sample of a kind."""
    if kind in DIGESTS:
        return Sample(_letter(*DIGESTS[kind]))
    if kind in BY_ITSELF:
        to, line = BY_ITSELF[kind]
        return Sample(_letter(to, [line], kind), _NOTICE if kind is Face.LAUNCH else None)
    return _announcement(kind)


def _letter(to: str, lines: Iterable[Line], kind: Face | None = None) -> Letter:
    shown = tuple(lines)
    return Letter(
        message_id=1,
        kind=MessageKind(kind.value) if kind else MessageKind.DIGEST,
        to=to,
        campaigns=tuple(dict.fromkeys(line.campaign_name for line in shown if line.campaign_name)),
        roles=tuple(dict.fromkeys(line.reason.role for line in shown)),
        lines=shown,
        rest=0,
        late=sum(line.days_late > 0 for line in shown),
        why=because(line.reason for line in shown),
        sorts=frozenset(Sort(line.kind, line.rung, line.reason.role) for line in shown),
    )


def _line(kind: ItemKind, title: str, **more: Any) -> Line:
    due: date | None = more.pop("due", None)
    late = more.pop("late", due is not None and due < TODAY)
    given: dict[str, Any] = {
        **{"campaign": SHORT, "campaign_name": CAMPAIGN, "subject": (None, None)},
        **{"unit": "云川市第一中学", "what": title, "period": "", "provisional": False},
        **{"ladder": None, "rung": None, "repeat": 0, "rung_name": "", "receiver": None},
        **{"news": "", "at": AT, "reason": CONTACT},
    }
    days_late = (TODAY - due).days if late and due else 0
    return Line(kind=kind, title=title, due=due, days_late=days_late, **(given | more))


def _rung(rung: int, name: str, due: date) -> Line:
    title = obligation_title("云川市第一中学", "读书活动周报", "2026-W19")
    told = {"rung": rung, "rung_name": name, "receiver": "局活动办", "ladder": "submission"}
    return _line(ItemKind.RUNG, title, due=due, **told)


def _problem(rung: int, name: str, due: date, reason: Reason, repeat: int = 0) -> Line:
    told = {"rung": rung, "rung_name": name, "repeat": repeat, "ladder": "rectification"}
    return _line(ItemKind.RUNG, _PROBLEM, due=due, reason=reason, **told)


def _weekly(what: str, due: date, **more: Any) -> Line:
    title = obligation_title("云川市第一中学", what, "2026-05")
    return _line(ItemKind.WEEKLY, title, due=due, receiver="局活动办", **more)


def _news(words: str, kind: ItemKind = ItemKind.ACT, **more: Any) -> Line:
    given = {"title": CAMPAIGN, "late": False, **more}
    return _line(kind, given.pop("title"), news=words, **given)


def _to_office(words: str, kind: ItemKind) -> Line:
    return _news(words, kind, title="", campaign="", campaign_name="", reason=OFFICE)


_PROBLEM = problem_title(12, "云川市第一中学", "图书室开放时间不足")
_LATE, _SOON = TODAY - timedelta(days=4), TODAY + timedelta(days=5)
_HALF_YEAR = obligation_title("云川市第一中学", "半年总结", "once")

_URGED = _rung(1, "催办", _LATE)
_PRESENTED = _problem(
    *(3, "提请领导小组", TODAY - timedelta(days=12)), Reason(Role.LEADING_GROUP), repeat=1
)
_WEEKLY = (
    _weekly("读书活动周报", _LATE),
    _weekly("读书心得汇总", _SOON),
    _weekly("卫生检查台账", _SOON + timedelta(days=1), **OTHER),
)
_EXTENDED = _news(
    f"“{_HALF_YEAR}”第 1 次延期同意，期限由 2026-05-15 改为 2026-05-29",
    ItemKind.EXTENDED,
    due=date(2026, 5, 29),
)
_REOPENED = f"“{_PROBLEM}”回头看重开：周末仍不开放，期限 {_SOON}"
_GAPS = (
    "夜间自查发现 1 个问题：1 个已交办的问题没有计时，请补上整改期限："
    "第12号 云川市第一中学·图书室开放时间不足。"
)
_WAITING = f"阶段“查摆问题”已于 {_LATE} 到期，待活动办决定转段或延期"

DIGESTS: dict[Face, tuple[str, tuple[Line, ...]]] = {
    Face.DIGEST: ("李文静", (_news("半年总结改由局活动办收", ItemKind.AMENDED), _EXTENDED)),
    Face.WEEKLY: ("李文静", _WEEKLY),
    Face.DUE: ("李文静", (_rung(0, "提醒", TODAY + timedelta(days=3)),)),
    Face.URGE: ("李文静", (_URGED, *_WEEKLY[1:], _EXTENDED)),
    Face.SUPERVISE: ("钱若竹", (_problem(2, "督办", _LATE, LEADER),)),
    Face.LEADING_GROUP: ("孙明远", (_PRESENTED,)),
    Face.EXTENSION: ("李文静", (_EXTENDED,)),
    Face.CLOSED: ("李文静", (_news(f"“{_PROBLEM}”已销号", ItemKind.CLOSED),)),
    Face.REOPENED: ("李文静", (_news(_REOPENED, ItemKind.REOPENED, due=_SOON),)),
    Face.STAGE_WAITING: (
        "赵明",
        (_news(_WAITING, ItemKind.STAGE_WAITING, due=_LATE, late=True, reason=OFFICE),),
    ),
    Face.SELF_AUDIT: ("赵明", (_to_office(_GAPS, ItemKind.AUDIT),)),
}
"""What leaves with the daily round: to whom, and what it says."""

BY_ITSELF: dict[Face, tuple[str, Line]] = {
    Face.LAUNCH: ("李文静", _news("请按方案组织实施。")),
    Face.STAGE: ("李文静", _news("阶段“宣传发动”已转段")),
    Face.RECEIPT: (
        *("李文静", replace(_URGED, kind=ItemKind.ACT, rung=None, news="已收到第 1 稿，附件 2 个")),
    ),
    Face.SEND_BACK: (
        "李文静",
        _news("退回：缺少活动照片", title=_URGED.title, due=_SOON, receiver="局活动办"),
    ),
    Face.UNDELIVERED: (
        "赵明",
        _to_office(
            "发给李文静的消息没有送到（550 没有这个邮箱），已转发给周正；请核对李文静的邮箱",
            ItemKind.UNDELIVERED,
        ),
    ),
    Face.HELD: (
        "赵明",
        _to_office("今天的日程轮写下 1240 条消息，平常约 60 条，已先停下", ItemKind.HELD),
    ),
}
"""What leaves as a message of its own."""

_NOTICE = Notice(
    document=Document(
        title="关于开展读书活动的通知",
        number="云教〔2026〕8号",
        issuer="云川市教育局",
        issued=date(2026, 5, 6),
    ),
    parents=(Document(title="关于推进全民阅读的意见", number="云发〔2026〕3号"),),
    stages=(
        StageDates("宣传发动", False, date(2026, 5, 11), date(2026, 5, 29), False),
        StageDates("动员部署", True, date(2026, 5, 11), date(2026, 5, 15), False),
        StageDates("查摆问题", False, date(2026, 6, 1), date(2026, 6, 30), False),
        StageDates("总结验收", False, date(2026, 12, 1), None, False),
    ),
    file=Path("关于开展读书活动的通知.docx"),
    forms=(Form(1, "读书心得汇总", Path("读书心得汇总表.xlsx")),),
)

_FILES = ("会议议程.docx", "参会名单.xlsx")
_EARLIER = Earlier(
    title="读书活动推进会改期",
    body="推进会改到5月20日上午9:00召开。\n地点：局机关三楼会议室。",
    at=AT - timedelta(days=1),
)


def _announcement(kind: Face) -> Sample:
    told = Announced(
        telling=Telling(kind.value),
        title=_EARLIER.title,
        body={
            Face.NOTICE: _EARLIER.body,
            Face.CORRECTION: "推进会改到5月21日上午9:00召开。\n地点：局机关三楼会议室。",
            Face.RECALL: "",
        }[kind],
        files=() if kind is Face.RECALL else _FILES,
        by="活动办赵明",
        at=AT,
        campaign=CAMPAIGN,
        reason="" if kind is Face.NOTICE else "日期写错",
        about=None if kind is Face.NOTICE else _EARLIER,
    )
    letter = _letter("李文静", [_news(told.title, ItemKind.ANNOUNCED)], kind)
    letter = replace(letter, announcement=told)
    if kind is Face.RECALL:
        return Sample(letter)
    signed = replace(letter, sign_by=SignBy(date(2026, 5, 15), False))
    return Sample(signed, sign_link="https://duban.yunchuan.example/sign/sample")
