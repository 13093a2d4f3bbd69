"""duban tick: carry out decisions, run the round, deliver once; for cron when Prefect is down."""

from __future__ import annotations

from dataclasses import asdict

from desk.speech import Answer
from desk.workplace import Workplace
from ledger.calendars import calendar_of
from ledger.progress import Progress, marks, progress
from ledger.round import run_round
from ledger.storm import Brake
from notifications.deliver import Counts, deliver

DONE = {
    "moves": "执行决定 {} 个",
    "stages_opened": "启动阶段 {} 个",
    "stages_due": "阶段到期 {} 个",
    "obligations_opened": "开立应报件 {} 件",
    "locked": "锁定未报 {} 件",
    "rungs": "逐级提醒 {} 次",
    "superseded": "并入上一级 {} 次",
    "suppressed": "免去提醒 {} 次",
    "messages": "写下消息 {} 条",
}
DELIVERED = {
    "sent": "发出 {} 条",
    "skipped": "不必再发 {} 条",
    "failed": "发送失败 {} 条",
    "unknown": "不能确定是否发出 {} 条",
    "put_off": "稍后再发 {} 条",
}


def tick(place: Workplace) -> Answer:
    """One tick. When the channel takes nothing, the messages wait and the exit code is 1."""
    brake = Brake(place.settings.storm_times, place.settings.storm_least)
    with place.database() as database:
        with database.reading() as session:
            place.calendar = calendar_of(session, place.calendar)
            before = marks(session)
        with database.writing() as session:
            daily = run_round(session, place.now, place.calendar, brake=brake)
            day = daily.day if daily else None
        with database.reading() as session:
            done = progress(session, before)
        sent = deliver(database, place.settings, place.now, place.calendar)
    said = [_round(day is not None, done), _delivery(sent)]
    if sent.stopped:
        said.append(f"投递停止：{sent.stopped}。未发出的消息留待下次。")
    data = {"at": place.now, "round": day, "done": done, "delivered": asdict(sent)}
    return Answer(data, said, code=1 if sent.stopped else 0)


def _round(daily: bool, done: Progress) -> str:
    what = "今天的日程轮已跑完" if daily else "现在没有日程轮要跑"
    return f"{what}：{_spoken(DONE, asdict(done)) or '没有要办的事'}。"


def _delivery(sent: Counts) -> str:
    return f"投递：{_spoken(DELIVERED, asdict(sent)) or '没有要发的消息'}。"


def _spoken(words: dict[str, str], numbers: dict[str, int]) -> str:
    return "，".join(said.format(numbers[name]) for name, said in words.items() if numbers[name])
