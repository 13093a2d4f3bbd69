"""Names by id, each looked up once: for whoever tells many rows to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

from sqlalchemy.orm import Session

from ledger.campaigns import Campaign, Deliverable, Stage
from ledger.deadlines import LadderRow
from ledger.problems import Problem
from ledger.units import Person, Post, Respondent

T = TypeVar("T")


class Asked(NamedTuple):
    """What is asked, and the stage and campaign it belongs to."""

    what: str
    stage: str | None
    campaign: str | None


NOTHING = Asked("", None, None)
NOBODY: tuple[str, str | None, str] = ("", None, "")


class Names:
    """Looks names up in `session` and remembers them as plain words, beyond the session's life."""

    def __init__(self) -> None:
        self.session: Session
        self._known: dict[tuple[type[Any], int], Any] = {}

    def _name(self, table: type[Any], id: int | None, say: Callable[[Any], T], nothing: T) -> T:
        if id is None:
            return nothing
        if (table, id) not in self._known:
            self._known[table, id] = say(self.session.get_one(table, id))
        return cast("T", self._known[table, id])

    def deliverable(self, id: int | None) -> Asked:
        """What a deliverable asks; empty for None."""
        return self._name(Deliverable, id, self._asked, NOTHING)

    def _asked(self, row: Deliverable) -> Asked:
        return Asked(row.what, self.stage(row.stage_id), self.campaign(row.campaign_id))

    def post(self, id: int) -> tuple[str, str | None, str]:
        """A post's role word, unit and holder."""
        return self._name(Post, id, _post, NOBODY)

    def person(self, id: int) -> str:
        """A person's name."""
        return self._name(Person, id, lambda row: str(row.name), "")

    def respondent(self, id: int | None) -> str | None:
        """A respondent's name."""
        return self._name(Respondent, id, _name, None)

    def campaign(self, id: int | None) -> str | None:
        """A campaign's slug."""
        return self._name(Campaign, id, _slug, None)

    def stage(self, id: int | None) -> str | None:
        """A stage's name."""
        return self._name(Stage, id, _name, None)

    def ladder(self, id: int) -> str:
        """A ladder's name."""
        return self._name(LadderRow, id, lambda row: str(row.name), "")

    def problem(self, id: int) -> tuple[str, str]:
        """A problem's unit and title."""
        return self._name(Problem, id, lambda row: (row.unit.name, row.title), ("", ""))


def _name(row: Respondent | Stage) -> str | None:
    return row.name


def _slug(row: Campaign) -> str | None:
    return row.slug


def _post(row: Post) -> tuple[str, str | None, str]:
    return row.role.value, row.unit.name if row.unit else None, row.person.name
