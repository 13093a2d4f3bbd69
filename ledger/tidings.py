"""Tidings: one line for each person affected by a change, with the next round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session

from ledger.campaigns import Deliverable
from ledger.keys import sql_key
from ledger.messages import Item, ItemKind
from ledger.recipients import AS_CONTACT, recipients
from ledger.respondents import in_parts
from ledger.sql import insert_new
from ledger.units import Respondent
from ledger.workdays import WorkCalendar

COLUMNS = (
    *(Item.key, Item.person_id, Item.post_id, Item.kind, Item.at, Item.campaign_id),
    *(Item.deliverable_id, Item.due, Item.why),
)


@dataclass(frozen=True)
class Word:
    """What is said of a deliverable; `due`: the date that now counts, where there is one."""

    words: str
    due: date | None


@dataclass
class Tidings:
    """Collects what is to be said to the contacts of respondents; the last word on a matter counts.

    `occasion` makes it one of its kind: whoever hears of a deliverable hears once.
    """

    session: Session
    campaign_id: int
    occasion: str
    _about: dict[int, Deliverable] = field(default_factory=dict)
    _said: dict[tuple[int, int], Word] = field(default_factory=dict)

    def tell(
        self, about: Deliverable, respondents: Iterable[int], words: str, due: date | None = None
    ) -> None:
        """Say this about a deliverable to the contacts of these respondents."""
        for respondent in respondents:
            self._about[about.id] = about
            self._said[about.id, respondent] = Word(words, due)

    def send(self, now: datetime, cal: WorkCalendar) -> int:
        """Leave the lines for the next round; how many persons hear."""
        alike: dict[tuple[int, Word], list[int]] = defaultdict(list)
        for (deliverable, respondent), word in self._said.items():
            alike[deliverable, word].append(respondent)
        day = cal.local_day(now)
        for (deliverable, word), whom in alike.items():
            for some in in_parts(whom):
                self._write(deliverable, word, some, now, day)
        return self._persons()

    def whom(self) -> Iterator[tuple[Deliverable, list[int]]]:
        """Of each deliverable the respondents to whom something is said."""
        found: dict[int, list[int]] = {id: [] for id in self._about}
        for deliverable, respondent in self._said:
            found[deliverable].append(respondent)
        return ((self._about[id], respondents) for id, respondents in found.items())

    def _persons(self) -> int:
        told = select(func.count(func.distinct(Item.person_id))).where(
            Item.kind == ItemKind.AMENDED,
            Item.campaign_id == self.campaign_id,
            Item.key.startswith(f"{self.occasion}:"),
        )
        return self.session.scalar(told) or 0

    def _write(
        self, deliverable: int, word: Word, whom: Sequence[int], now: datetime, day: date
    ) -> None:
        contacts = select(Respondent.id.label("respondent_id"), AS_CONTACT)
        found = recipients(contacts.where(Respondent.id.in_(whom)).cte("asked"), day)
        rows = (
            select(
                sql_key(self.occasion, literal(deliverable), found.c.person_id),
                found.c.person_id,
                found.c.post_id,
                literal(ItemKind.AMENDED, Item.kind.type),
                literal(now, Item.at.type),
                literal(self.campaign_id),
                literal(deliverable),
                literal(word.due, Item.due.type),
                literal(word.words),
            )
            .where(found.c.why == "")
            .order_by(found.c.respondent_id, found.c.post_id)
        )
        insert_new(self.session, Item, COLUMNS, rows)
