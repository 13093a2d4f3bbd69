"""Shown first, written when confirmed: a change is made, taken back, and made again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from desk.speech import UNWRITTEN, Answer, Table, Voice
from desk.workplace import Desk

NOT_WRITTEN = 1
"""The exit code when a change was only shown."""

WRITTEN = "已写入。"
CHANGED_MEANWHILE = "台账在此期间有变动，实际写入的是："


@dataclass(frozen=True)
class Done:
    """What a change did, in plain words: nothing of it asks the ledger any more."""

    data: Mapping[str, Any]
    said: Sequence[str | Table]


def confirmed(desk: Desk, change: Callable[[], Done], yes: bool) -> Answer:
    """Make the change if told to, else once the person has seen what it does and agreed.

    What is shown has really been done and was taken back, so nobody waits while a person reads.
    The second time the ledger counts as it then stands; where that differs, it is said.
    """
    done = change()
    if yes:
        return Answer({**done.data, "written": True}, [*done.said, WRITTEN])
    desk.session.rollback()
    if not desk.may_ask:
        return Answer({**done.data, "written": False}, [*done.said, UNWRITTEN], code=NOT_WRITTEN)
    Voice(desk.calendar).say(done.said)
    click.confirm("写入吗？", abort=True)
    again = change()
    told = [] if again.said == done.said else [CHANGED_MEANWHILE, *again.said]
    return Answer({**again.data, "written": True}, [*told, WRITTEN])
