"""What an amendment did, for whoever decides on it and for the history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from ledger.plan_difference import NO_DIFFERENCE, PlanDifference


@dataclass(frozen=True)
class DateChange:
    """A row whose due date moved; None: it had none."""

    title: str
    old: date | None
    new: date


@dataclass(frozen=True)
class Asked:
    """Rows that a round will open because of the amendment: of which item, when, for whom."""

    item: str
    what: str
    opens_on: date
    units: tuple[str, ...]


@dataclass(frozen=True)
class Affected:
    """The units that an amendment concerns, of one item."""

    item: str
    what: str
    units: tuple[str, ...]


@dataclass
class Amendment:
    """What an amendment did. `kept` counts rows already received, `overdue` those left as due.

    `in_part`: of those received, the ones that go on owing the number they were opened with.
    """

    version: int = 0
    difference: PlanDifference = NO_DIFFERENCE
    withdrawn: list[str] = field(default_factory=list)
    asked_again: list[str] = field(default_factory=list)
    redated: list[DateChange] = field(default_factory=list)
    to_open: list[Asked] = field(default_factory=list)
    affected: list[Affected] = field(default_factory=list)
    kept: int = 0
    in_part: int = 0
    overdue: int = 0
    told: int = 0

    @property
    def asked_anew(self) -> int:
        """How many rows will be new."""
        return sum(len(asked.units) for asked in self.to_open)

    def counted(self) -> Iterator[str]:
        """What it did, in numbers."""
        found = self.difference
        yield f"新增 {len(found.added)} 项"
        yield f"撤去 {len(found.removed)} 项"
        yield f"改动 {len(found.changed)} 项"
        yield f"撤销应报 {len(self.withdrawn)} 件"
        yield f"重新要求 {len(self.asked_again)} 件"
        yield f"改期 {len(self.redated)} 件"
        yield f"将新增应报 {self.asked_anew} 件"
