"""A plan is amended on any day of a campaign, and the next ten working days are played."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from config.database import Database
from ledger.self_audit import find_gaps
from tests import store
from tests.ledger.amended import FIRST, ITEMS, LAST, Amended, otherwise
from tests.ledger.promises import FORGIVEN, on_time, owed_in_its_time
from tests.store import on_postgresql

DAYS = [FIRST + timedelta(days=n) for n in range(1, (LAST - FIRST).days)]
SOME = sorted(Random(7).sample(DAYS, 5 if on_postgresql() else 20))
WITHDRAWN = "SELECT id FROM obligation WHERE state = '已撤销'"
OWED_TWICE = """
SELECT d.key, o.respondent_id FROM obligation o JOIN deliverable d ON d.id = o.deliverable_id
WHERE o.state IN ('待报', '待审', '退回') AND d.cycle = 'once'
GROUP BY 1, 2 HAVING count(*) > 1
"""
LINES_OF_AN_AMENDMENT = """
SELECT person_id, deliverable_id FROM message_item WHERE kind = 'amended'
GROUP BY person_id, deliverable_id
HAVING count(*) > 1
"""
ASKED = """
SELECT DISTINCT d.key, d.what, r.name AS person FROM obligation o
JOIN deliverable d ON d.id = o.deliverable_id JOIN respondent s ON s.id = o.respondent_id
JOIN post p ON p.unit_id = s.unit_id JOIN person r ON r.id = p.person_id
WHERE p.role = '联络员'
"""
RECEIVED = """
SELECT id, deliverable_id, respondent_id, period, first_received_at, state FROM obligation
WHERE received > 0 ORDER BY id
"""


@pytest.fixture(scope="module")
def campaign() -> Amended:
    return Amended()


@pytest.fixture(scope="module")
def kept(campaign: Amended) -> dict[date, Database]:
    """The ledger as it stood at noon of each day of the undisturbed campaign."""
    dice, found = Random(1), {}
    for day in DAYS:
        campaign.play(day, dice)
        if day in (*SOME, DAYS[-1]) or not on_postgresql():
            found[day] = campaign.copy()
    return found


def past_rates(campaign: Amended, before: date) -> dict[Any, Any]:
    """Owed and on time, of each deliverable and period whose every date is past."""
    stored = store.rows(campaign.database, "SELECT * FROM obligation")
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for row in filter(owed_in_its_time, [SimpleNamespace(**row) for row in stored]):
        found[row.deliverable_id, row.period].append(row)
    return {
        period: (len(rows), sum(on_time(row) for row in rows))
        for period, rows in found.items()
        if all(row.due and row.due < before.isoformat() for row in rows)
    }


def asked_of(campaign: Amended) -> set[tuple[str, str, str]]:
    """(item, what, contact) of everything anybody was ever asked."""
    return {(key, what, person) for key, what, person in campaign.table(ASKED)}


def working_days(campaign: Amended, after: date) -> Iterator[date]:
    end = campaign.calendar.shift(after, 10)
    return (after + timedelta(days=n) for n in range(1, (end - after).days + 1))


def try_on(campaign: Amended, kept: Database, day: date) -> bool:
    """Amend on that day and play on; whether any amendment was taken."""
    dice = Random(day.toordinal())
    for _ in range(4):
        campaign.restore(kept)
        campaign.spoken.clear()
        campaign.told.clear()
        asked = asked_of(campaign)
        received, rates = campaign.table(RECEIVED), past_rates(campaign, day)
        if campaign.amend(day, otherwise(day, dice)):
            break
    else:
        return False
    assert campaign.table(RECEIVED) == received, "an amendment touched what had been received"
    withdrawn = {id for (id,) in campaign.table(WITHDRAWN)}
    for later in working_days(campaign, day):
        campaign.play(later, dice)
        check(campaign, withdrawn, day, later)
    for key, what, person in asked_of(campaign) - asked:
        if (key, person) not in {(key, person) for key, _, person in asked}:
            heard = campaign.told.count((person, what))
            assert heard == 1, f"amended on {day}, {person} heard {heard} times of {what}"
    handed_in = {row[:5] for row in campaign.table(RECEIVED)}
    assert {row[:5] for row in received if row[4]} <= handed_in, "something received was lost"
    assert rates.items() <= past_rates(campaign, day).items(), "a past rate changed"
    return True


def check(campaign: Amended, withdrawn: set[int], day: date, later: date) -> None:
    assert not campaign.table(OWED_TWICE)
    assert not campaign.table(LINES_OF_AN_AMENDMENT)
    told = [(id, kind) for id, kind in campaign.spoken if id in withdrawn]
    assert not told, f"amended on {day}, on {later} people hear of {told}"
    with campaign.database.reading() as session:
        now = campaign.moment(later, campaign.calendar.closes)
        gaps = find_gaps(session, now, campaign.calendar)
    assert not [gap for gap in gaps if not any(word in gap for word in FORGIVEN)]


def test_amended_on_a_random_day_nothing_is_lost_asked_twice_or_told_wrongly(
    campaign: Amended, kept: dict[date, Database], say: Callable[[str], None]
) -> None:
    taken = sum(try_on(campaign, kept[day], day) for day in SOME)
    assert taken > len(SOME) / 2
    say(f"{taken} of {len(SOME)} days took an amendment")


@pytest.mark.long
def test_amended_on_every_day_nothing_is_lost_asked_twice_or_told_wrongly(
    campaign: Amended, kept: dict[date, Database], say: Callable[[str], None]
) -> None:
    taken = sum(try_on(campaign, kept[day], day) for day in DAYS)
    assert taken > len(DAYS) / 2
    say(f"{taken} of {len(DAYS)} days took an amendment")


def test_the_campaign_amended_has_something_to_lose(
    campaign: Amended, kept: dict[date, Database]
) -> None:
    campaign.restore(kept[DAYS[-1]])
    assert len(campaign.table(RECEIVED)) > 20
    assert len(campaign.table("SELECT DISTINCT deliverable_id FROM obligation")) == len(ITEMS)
