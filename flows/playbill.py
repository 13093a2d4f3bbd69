"""What the demo tells at its end: months, obligations, the ladder's log, and where things lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from config.settings import Settings
from flows.playing import Told
from ledger.deadlines import Fired
from ledger.events import Event
from ledger.rates import Counts
from ledger.standings import CampaignStanding, Fire, Tally, fires, standing_of, tally
from tasks.ledger import calendar, database

HIGH = 2
"""The rung from which the log lists a case; below it cases are only counted."""

LISTED = 20
"""Cases the log lists at most."""

MONTHLY = {
    "obligation_opened": "应报",
    "received": "收到",
    "sent_back": "退回",
    "locked": "未报",
    "rung": "提醒",
    "superseded": "合并",
    "registered": "立项",
    "extension": "延期",
    "closed": "销号",
    "reopened": "重开",
    "weekly_list": "周单",
    "message": "消息",
}
"""The columns of the timeline, by kind of event; one event per recipient where it has any."""

STAGE_WORDS = {"stage_opened": "启动", "stage_moved": "转段"}


def show(settings: Settings, told: Told, console: Console) -> None:
    """Print it all."""
    cal = calendar(settings)
    with database().reading() as session:
        standing = standing_of(session, told.slug)
        tallies = tally(session, standing.id)
        log = [fire for fire in fires(session, cal) if fire.fired is Fired.SENT]
    for table in (
        _timeline(told.events),
        _stages(told.events),
        _obligations(standing, tallies),
        _ladder(log),
        _climbers(log),
    ):
        console.print()
        console.print(table)
    mails = sum(1 for _ in (settings.home / "outbox").rglob("*.eml"))
    lines = (
        f"活动“{standing.short}”{standing.state}；执行决定 {standing.moves} 项，"
        f"流程运行 {told.flow_runs} 次，发出消息 {mails} 封。",
        f"消息在 {settings.home / 'outbox'}，是 .eml 文件，双击即可用邮件软件打开",
        f"台账在 {settings.home / 'duban.db'}",
        f"Prefect 的数据在 {settings.home / 'prefect'}",
    )
    console.print()
    for line in lines:
        console.print(line, soft_wrap=True, highlight=False)


def _table(title: str, *headings: str, wide: str | None = None) -> Table:
    """A table without lines; numbers to the right, one column that may wrap."""
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=0, show_edge=False)
    for heading in headings:
        if heading == wide:
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading, no_wrap=True, justify="right")
    return table


def _timeline(events: Iterable[Event]) -> Table:
    """One line per month: how much of each kind there was."""
    counts: dict[str, Counter[str]] = {}
    for event in events:
        counts.setdefault(f"{event.at:%Y-%m}", Counter())[event.kind] += 1
    table = _table("逐月经过", "月份", *MONTHLY.values())
    for month, counted in sorted(counts.items()):
        table.add_row(month, *(str(counted[kind] or "") for kind in MONTHLY))
    return table


def _stages(events: Iterable[Event]) -> Table:
    """The stages' moves, in order."""
    table = _table("阶段", "日期", "阶段", wide="阶段")
    moves = [event for event in events if event.kind in STAGE_WORDS]
    for event in sorted(moves, key=lambda event: event.at):
        table.add_row(f"{event.at:%Y-%m-%d}", f"{event.stage}{STAGE_WORDS[event.kind]}")
    return table


def _obligations(standing: CampaignStanding, tallies: Sequence[Tally]) -> Table:
    """What was owed, received and on time, deliverable by deliverable below its stage."""
    headings = ("报送事项", "应报", "已报", "按时", "未报")
    table = _table(f"{standing.short}：应报、已报、按时", *headings, wide="报送事项")
    for stage, rows in groupby(tallies, key=lambda row: row.stage):
        table.add_row(f"[bold]{stage or '（不属于任何阶段）'}")
        for row in rows:
            table.add_row(f"  {row.what}", *_numbers(row.counts))
    table.add_section()
    table.add_row("合计", *_numbers(sum((row.counts for row in tallies), Counts())))
    return table


def _numbers(counts: Counts) -> tuple[str, ...]:
    return tuple(map(str, (counts.owed, counts.received, counts.on_time, counts.missed)))


def _ladder(log: Sequence[Fire]) -> Table:
    """How many cases reached each rung, month by month."""
    rungs = sorted({(fire.rung, fire.name) for fire in log})
    counted = Counter((f"{fire.on:%Y-%m}", fire.rung, fire.name) for fire in log)
    headings = [f"{rung}级 {name}" for rung, name in rungs]
    table = _table("逐级提醒（件次）", "月份", *headings)
    for month in sorted({month for month, _, _ in counted}):
        table.add_row(month, *(str(counted[month, *rung] or "") for rung in rungs))
    return table


def _climbers(log: Sequence[Fire]) -> Table:
    """The cases that climbed highest: on which day each rung was reached, and how often again."""
    cases: dict[tuple[str, str], list[Fire]] = {}
    for fire in log:
        cases.setdefault((fire.case, str(fire.due)), []).append(fire)
    high = [(max(fire.rung for fire in found), key) for key, found in cases.items()]
    listed = sorted((item for item in high if item[0] >= HIGH), key=lambda item: -item[0])
    top = max((rung for rung, _ in listed), default=HIGH)
    more = f"，共 {len(listed)} 件，列前 {LISTED} 件" if len(listed) > LISTED else ""
    rungs = [f"{rung}级" for rung in range(top + 1)]
    table = _table(f"登到高层级的{more}", "事项", "期限", *rungs, "再催", wide="事项")
    for _, key in listed[:LISTED]:
        first = {fire.rung: f"{fire.on:%m-%d}" for fire in reversed(cases[key])}
        again = sum(fire.repeat > 0 for fire in cases[key])
        table.add_row(*key, *(first.get(rung, "") for rung in range(top + 1)), str(again or ""))
    return table
