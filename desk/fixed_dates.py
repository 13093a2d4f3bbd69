"""Fixed dates that have passed or are near: asked about when a campaign is launched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

import click

from desk.parameters import Moved
from desk.speech import Table
from desk.workplace import Workplace
from ledger.launch import FixedDate
from ledger.plan import Passed, PassedAction

WORDS = {PassedAction.KEEP: "保留", PassedAction.DROP: "不再要求", PassedAction.MOVE: "改为"}


@dataclass(frozen=True)
class Typed:
    """The answers given on the command line."""

    keep: Sequence[str]
    move: Sequence[tuple[str, date]]
    drop: Sequence[str]

    def answers(self) -> dict[str, Passed]:
        """By item; refuses an item answered twice."""
        found: dict[str, Passed] = {}
        given = [(item, Passed(action=PassedAction.KEEP)) for item in self.keep]
        given += [(item, Passed(action=PassedAction.DROP)) for item in self.drop]
        given += [(item, moved(day)) for item, day in self.move]
        for item, answer in given:
            if item in found:
                raise click.UsageError(f"事项 {item} 写了两次处理办法，请只留一个。")
            found[item] = answer
        return found


def moved(day: date) -> Passed:
    """The answer: another date."""
    return Passed(action=PassedAction.MOVE, move=day)


def check_items(answers: Mapping[str, Passed], dates: Sequence[FixedDate]) -> None:
    """Refuse an answer about an item whose date neither has passed nor is near."""
    asked = [fixed.item.id for fixed in dates]
    for item in answers:
        if item not in asked:
            near = get_close_matches(item, asked, n=1)
            hint = f"是不是 {near[0]}？" if near else f"可处理的有：{'、'.join(asked) or '没有'}。"
            raise click.ClickException(f"事项 {item} 没有已过或临近的固定日期；{hint}")


def ask(
    place: Workplace, dates: Sequence[FixedDate], answers: Mapping[str, Passed]
) -> dict[str, Passed]:
    """On a terminal, ask about each date that neither the plan nor the command line answers."""
    found = dict(answers)
    if not place.may_ask:
        return found
    for fixed in dates:
        if fixed.item.id not in answers and fixed.item.passed is None:
            found[fixed.item.id] = _ask_one(fixed)
    return found


def _ask_one(fixed: FixedDate) -> Passed:
    item = fixed.item
    question = f"{item.id} {item.what}（{fixed.due}）：k 保留，m 改期，d 不再要求"
    letters = click.Choice(["k", "m", "d"])
    letter = click.prompt(question, type=letters, default="k", show_choices=False)
    if letter != "m":
        return Passed(action=PassedAction.KEEP if letter == "k" else PassedAction.DROP)
    _, day = click.prompt("改为哪一天", value_proc=lambda text: Moved()(f"{item.id}={text}"))
    return moved(day)


def table(dates: Sequence[FixedDate], today: date, title: str) -> Table:
    """The dates as people read them."""
    rows = [
        (fixed.item.id, fixed.item.what, fixed.due, _where(fixed, today), _said(fixed.answer))
        for fixed in dates
    ]
    return Table(("事项", "内容", "原日期", "情况", "处理"), rows, title)


def plain(dates: Sequence[FixedDate], today: date) -> list[dict[str, Any]]:
    """The dates as programs read them."""
    return [
        {
            "item": fixed.item.id,
            "what": fixed.item.what,
            "due": fixed.due,
            "passed": fixed.due < today,
            "answer": fixed.answer.action,
            "moved_to": fixed.answer.move,
        }
        for fixed in dates
    ]


def _where(fixed: FixedDate, today: date) -> str:
    return "已过" if fixed.due < today else "临近"


def _said(answer: Passed) -> str:
    return f"{WORDS[answer.action]} {answer.move or ''}".strip()
