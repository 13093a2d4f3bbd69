"""Two rehearsals compared: what happens in one and not in the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ledger.events import Event


class Side(StrEnum):
    """In which of the two it happens."""

    GONE = "减"
    NEW = "增"


@dataclass(frozen=True)
class Difference:
    """An event of one rehearsal that the other has not, on that day and for that person."""

    side: Side
    event: Event


def compared(before: Sequence[Event], after: Sequence[Event]) -> list[Difference]:
    """The events that differ, in the order of time; the hour, ids and reasons do not count."""
    gone = _beyond(before, Counter(map(_identity, after)))
    new = _beyond(after, Counter(map(_identity, before)))
    found = [Difference(Side.GONE, event) for event in gone]
    found += [Difference(Side.NEW, event) for event in new]
    return sorted(found, key=lambda one: one.event.at)


def _beyond(events: Sequence[Event], known: Counter[Hashable]) -> list[Event]:
    """The events beyond those known, each known one used up once."""
    left = []
    for event in events:
        identity = _identity(event)
        if known[identity]:
            known[identity] -= 1
        else:
            left.append(event)
    return left


def _identity(event: Event) -> Hashable:
    day = event.at.date()
    items = frozenset((item.unit, item.what, item.period, item.due) for item in event.items)
    return (event.kind, day, event.stage, event.to, items, event.ladder, event.rung, event.repeat)
