"""duban messages held, release, drop, retry: what waits for the office's word."""

from __future__ import annotations

from collections.abc import Sequence

import click

from desk.speech import Answer, Table
from desk.vocabulary import ITEM_KINDS
from desk.workplace import Desk
from ledger.finding import find_message
from ledger.messages import Round
from ledger.retrying import failed_for_good, retry
from ledger.storm import drop, held_lines, held_round, release

HEADINGS = ("内容", "行数", "人数")


def show_held(desk: Desk) -> Answer:
    """What the held round was about to send."""
    current = held_round(desk.session)
    lines = held_lines(desk.session, current)
    rows = [(ITEM_KINDS[kind], number, persons) for kind, number, persons in lines]
    data = {
        "round": current.day,
        "why": current.held_why,
        "lines": [
            {"kind": kind, "lines": number, "persons": persons} for kind, number, persons in lines
        ],
    }
    said: list[str | Table] = [
        f"{current.day} 的日程轮：{current.held_why}，已暂停。",
        Table(HEADINGS, rows, "将要发出："),
        "逐条查看：duban messages list --state 待放行；无误则 duban messages release，"
        "有误则 duban messages drop --reason 理由。",
    ]
    return Answer(data, said)


def release_held(desk: Desk) -> Answer:
    """They may leave, in office hours."""
    current, number = release(desk.session, desk.actor, desk.now)
    later = desk.calendar.leaves_at(desk.now) != desk.now or current.day != desk.today
    when = "，已过当天的上班时间，并入下一次日程轮" if later else ""
    return _answer(current, number, f"{current.day} 的 {number} 条消息已放行{when}。")


def drop_held(desk: Desk, reason: str) -> Answer:
    """They never leave."""
    current, number = drop(desk.session, desk.actor, reason, desk.now)
    return _answer(current, number, f"{current.day} 的 {number} 条消息已作废，不再发出。")


def try_again(desk: Desk, numbers: Sequence[int], every: bool) -> Answer:
    """What has failed is ready once more."""
    if every == bool(numbers):
        raise click.ClickException("请写明消息编号，或用 --all 再发全部失败而没有转给别人的。")
    named = [find_message(desk.session, number) for number in numbers]
    chosen = failed_for_good(desk.session) if every else named
    for message in chosen:
        retry(desk.session, message, desk.actor, desk.now, desk.calendar)
    said = f"{len(chosen)} 条消息重新待发；往日的每日消息并入下一次日程轮。"
    return Answer({"messages": [message.id for message in chosen]}, [said])


def _answer(current: Round, number: int, said: str) -> Answer:
    return Answer({"round": current.day, "messages": number}, [said])
