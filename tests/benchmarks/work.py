"""One piece of work in a process of its own: `python -m tests.benchmarks.work WHO WHAT URL`.

Prints a line of JSON: the seconds of each repetition, the peak of memory in MB, and how many rows
the tables then hold, so that who did less than the other is found out.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Iterator
from functools import partial
from time import perf_counter
from typing import Any

from sqlalchemy import delete, func, select, text

from config.database import Database
from ledger.campaigns import Campaign, Deliverable
from ledger.messages import Round
from ledger.overview import campaign_row, stage_rows, waiting_for_office
from ledger.rates import counts_by
from ledger.round import run_round
from ledger.tallying import recount
from ledger.workdays import WorkCalendar
from tests.benchmarks import floor
from tests.benchmarks.stock import FRIDAY, THURSDAY, TUESDAY, WEDNESDAY, WEDNESDAYS_ROUND

Works = Iterator[Callable[[], object]]
CALENDAR = WorkCalendar()
AGAIN = 21
"""How often what is over in a moment is done."""

TABLES = ("obligation", "deadline", "rung_fire", "message_item", "message")


def opening(database: Database) -> Works:
    """Every school is asked for one thing; the day before, ten institutes were."""
    with database.writing() as session:
        run_round(session, TUESDAY, CALENDAR)
        yield lambda: run_round(session, WEDNESDAY, CALENDAR)


def busy(database: Database) -> Works:
    """A tenth of what is open is due; the day before, ten were."""
    with database.writing() as session:
        run_round(session, WEDNESDAYS_ROUND, CALENDAR)
        yield lambda: run_round(session, THURSDAY, CALENDAR)


def quiet(database: Database) -> Works:
    """A daily round in which nothing is due, again and again."""
    with database.writing() as session:
        for _ in range(AGAIN):
            yield lambda: run_round(session, FRIDAY, CALENDAR)
            session.execute(delete(Round).where(Round.day == FRIDAY.date()))
            session.commit()


def tick(database: Database) -> Works:
    """The next tick of a day whose round is over."""
    with database.writing() as session:
        for _ in range(AGAIN):
            yield lambda: run_round(session, FRIDAY.replace(hour=10), CALENDAR)


def counts(database: Database) -> Works:
    """The counts of every stage, as pages show them."""
    with database.reading() as session:
        campaign = session.get_one(Campaign, 1)
        for _ in range(AGAIN):
            yield partial(counts_by, session, campaign, Deliverable.stage_id)


def page(database: Database) -> Works:
    """The whole page of a campaign: its counts and what waits for the office."""

    def show() -> None:
        with database.reading() as session:
            campaign = session.get_one(Campaign, 1)
            campaign_row(session, campaign)
            stage_rows(session, campaign, CALENDAR)
            waiting_for_office(session, campaign, FRIDAY.date())

    yield from [show] * AGAIN


def recounting(database: Database) -> Works:
    """What the counters are compared with every night."""
    with database.reading() as session:
        yield lambda: recount(session)


OURS = {work.__name__: work for work in (opening, busy, quiet, tick, counts, page, recounting)}


def timed(works: Works) -> list[float]:
    """The seconds each took; of many the first is left out, in which statements are built."""
    seconds = []
    for work in works:
        began = perf_counter()
        work()
        seconds.append(perf_counter() - began)
    return seconds[1:] or seconds


def rows(url: str) -> dict[str, int]:
    """How many rows the tables hold."""
    database = Database(url)
    with database.reading() as session:
        counted = {t: session.scalar(select(func.count()).select_from(text(t))) for t in TABLES}
    database.close()
    return {name: number or 0 for name, number in counted.items()}


def main(who: str, what: str, url: str) -> dict[str, Any]:
    """Do it, and say what it took."""
    if who == "floor":
        seconds = timed(floor.WORKS[what](floor.Floor(url)))
    else:
        database = Database(url)
        seconds = timed(OURS[what](database))
        database.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "peak": peak, "rows": rows(url)}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
