"""Periods: natural ones, clipped to the window; a week of too few working days owes nothing."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.periods import REPEATING, Cycle, Period, next_period, period_of
from ledger.workdays import WorkCalendar

pytestmark = pytest.mark.no_ledger

CALENDAR = WorkCalendar()
TURNED_BY_NOBODY = [cycle for cycle in Cycle if cycle not in (Cycle.ONCE, *REPEATING)]

days = st.dates(date(2016, 1, 1), date(2018, 12, 31))
ends = st.none() | days
cycles = st.sampled_from(REPEATING)


def on(text: str) -> date:
    return date.fromisoformat(text)


def held(cycle: Cycle, day: str, first: str = "", last: str = "") -> Period | None:
    window = (on(first) if first else None, on(last) if last else None)
    return period_of(cycle, on(day), *window, CALENDAR)


def following(cycle: Cycle, after: str, first: str = "", last: str = "") -> Period | None:
    window = (on(first) if first else None, on(last) if last else None)
    return next_period(cycle, on(after), *window, CALENDAR)


@pytest.mark.parametrize(
    ("cycle", "day", "key", "first", "last"),
    [
        (Cycle.WEEKLY, "2017-04-20", "2017-W16", "2017-04-17", "2017-04-23"),
        (Cycle.WEEKLY, "2017-04-17", "2017-W16", "2017-04-17", "2017-04-23"),
        (Cycle.WEEKLY, "2017-04-23", "2017-W16", "2017-04-17", "2017-04-23"),
        (Cycle.WEEKLY, "2015-12-31", "2015-W53", "2015-12-28", "2016-01-03"),
        (Cycle.WEEKLY, "2018-12-31", "2019-W01", "2018-12-31", "2019-01-06"),
        (Cycle.TEN_DAYS, "2017-04-10", "2017-04-T1", "2017-04-01", "2017-04-10"),
        (Cycle.TEN_DAYS, "2017-04-11", "2017-04-T2", "2017-04-11", "2017-04-20"),
        (Cycle.TEN_DAYS, "2017-04-21", "2017-04-T3", "2017-04-21", "2017-04-30"),
        (Cycle.TEN_DAYS, "2017-05-31", "2017-05-T3", "2017-05-21", "2017-05-31"),
        (Cycle.TEN_DAYS, "2017-02-28", "2017-02-T3", "2017-02-21", "2017-02-28"),
        (Cycle.MONTHLY, "2016-02-10", "2016-02", "2016-02-01", "2016-02-29"),
        (Cycle.MONTHLY, "2017-12-31", "2017-12", "2017-12-01", "2017-12-31"),
        (Cycle.QUARTERLY, "2017-04-01", "2017-Q2", "2017-04-01", "2017-06-30"),
        (Cycle.QUARTERLY, "2017-12-31", "2017-Q4", "2017-10-01", "2017-12-31"),
        (Cycle.HALF_YEARLY, "2017-06-30", "2017-H1", "2017-01-01", "2017-06-30"),
        (Cycle.HALF_YEARLY, "2017-07-01", "2017-H2", "2017-07-01", "2017-12-31"),
        (Cycle.YEARLY, "2017-07-01", "2017", "2017-01-01", "2017-12-31"),
    ],
)
def test_a_period_is_the_natural_one(
    cycle: Cycle, day: str, key: str, first: str, last: str
) -> None:
    assert held(cycle, day) == Period(key, on(first), on(last))


def test_a_period_is_clipped_to_the_window_at_both_ends() -> None:
    window = ("2017-04-14", "2017-06-20")

    assert held(Cycle.MONTHLY, "2017-04-20", *window) == Period(
        "2017-04", on("2017-04-14"), on("2017-04-30")
    )
    assert held(Cycle.MONTHLY, "2017-06-20", *window) == Period(
        "2017-06", on("2017-06-01"), on("2017-06-20")
    )
    assert held(Cycle.YEARLY, "2017-05-01", *window) == Period("2017", *map(on, window))


@pytest.mark.parametrize("cycle", list(Cycle))
def test_outside_the_window_there_is_no_period(cycle: Cycle) -> None:
    assert held(cycle, "2017-04-13", "2017-04-14", "2017-06-20") is None
    assert held(cycle, "2017-06-21", "2017-04-14", "2017-06-20") is None


def test_a_one_off_item_has_its_window_as_its_only_period() -> None:
    window = ("2017-04-14", "2017-06-20")

    assert held(Cycle.ONCE, "2017-05-01", *window) == Period("once", *map(on, window))
    assert following(Cycle.ONCE, "2017-04-01", *window) is None


def test_a_one_off_item_with_an_open_window_has_no_period() -> None:
    assert held(Cycle.ONCE, "2017-05-01", "2017-04-14") is None
    assert held(Cycle.ONCE, "2017-05-01", "", "2017-06-20") is None


@pytest.mark.parametrize("cycle", TURNED_BY_NOBODY)
def test_what_the_calendar_does_not_turn_has_no_periods(cycle: Cycle) -> None:
    window = ("2017-04-14", "2017-06-20")

    assert held(cycle, "2017-05-01") is None
    assert held(cycle, "2017-05-01", *window) is None
    assert following(cycle, "2017-05-01", *window) is None


def test_the_cycles_without_periods_are_those_of_days_of_events_and_without_a_number() -> None:
    assert TURNED_BY_NOBODY == ["daily", "periodic", "irregular", "per_event"]


@pytest.mark.parametrize(
    ("day", "window", "owes"),
    [
        ("2017-04-05", (), True),  # Qingming: Wednesday to Friday are worked, three days
        ("2017-04-05", ("2017-04-05",), True),
        ("2017-04-06", ("2017-04-06",), False),
        ("2017-04-05", ("", "2017-04-06"), False),
        ("2017-04-20", ("2017-04-19",), True),
        ("2017-04-20", ("2017-04-20",), False),
        ("2017-04-18", ("", "2017-04-19"), True),
        ("2017-04-18", ("", "2017-04-18"), False),
        ("2017-09-29", ("2017-09-28",), True),  # Thursday, Friday, make-up Saturday
        ("2017-10-04", (), False),  # Golden Week
        ("2006-10-08", (), False),  # a single make-up Sunday
    ],
)
def test_a_week_with_fewer_than_three_working_days_in_the_window_owes_nothing(
    day: str, window: tuple[str, ...], owes: bool
) -> None:
    assert (held(Cycle.WEEKLY, day, *window) is not None) is owes


def test_a_month_owes_however_few_working_days_are_left_of_it() -> None:
    assert held(Cycle.MONTHLY, "2017-04-30", "2017-04-29") == Period(
        "2017-04", on("2017-04-29"), on("2017-04-30")
    )


def test_weeks_that_owe_nothing_are_passed_over() -> None:
    assert following(Cycle.WEEKLY, "2017-09-27") == Period(
        "2017-W41", on("2017-10-09"), on("2017-10-15")
    )


@pytest.mark.parametrize(
    ("cycle", "after", "key"),
    [
        (Cycle.WEEKLY, "2017-04-23", "2017-W17"),
        (Cycle.TEN_DAYS, "2017-04-25", "2017-05-T1"),
        (Cycle.MONTHLY, "2017-12-31", "2018-01"),
        (Cycle.QUARTERLY, "2017-10-01", "2018-Q1"),
        (Cycle.HALF_YEARLY, "2017-06-30", "2017-H2"),
        (Cycle.YEARLY, "2017-01-01", "2018"),
    ],
)
def test_the_next_period_follows_the_natural_one(cycle: Cycle, after: str, key: str) -> None:
    found = following(cycle, after)

    assert found is not None
    assert found.key == key


def test_before_the_window_the_next_period_is_its_first() -> None:
    assert following(Cycle.MONTHLY, "2016-11-01", "2017-04-14", "2017-06-20") == Period(
        "2017-04", on("2017-04-14"), on("2017-04-30")
    )


def test_the_period_being_lived_through_is_never_the_next() -> None:
    found = following(Cycle.MONTHLY, "2017-04-10", "2017-04-14", "2017-06-20")

    assert found == Period("2017-05", on("2017-05-01"), on("2017-05-31"))


def test_the_last_period_may_be_short_and_then_the_window_is_over() -> None:
    window = ("2017-04-14", "2017-06-20")

    assert following(Cycle.MONTHLY, "2017-05-31", *window) == Period(
        "2017-06", on("2017-06-01"), on("2017-06-20")
    )
    assert following(Cycle.MONTHLY, "2017-06-01", *window) is None


def test_a_last_week_too_short_to_owe_ends_the_row_of_weeks() -> None:
    assert following(Cycle.WEEKLY, "2017-06-18", "2017-04-14", "2017-06-20") is None


@given(cycle=cycles, day=days, first=ends, last=ends)
def test_a_period_holds_its_day_and_stays_inside_the_window(
    cycle: Cycle, day: date, first: date | None, last: date | None
) -> None:
    found = period_of(cycle, day, first, last, CALENDAR)

    if found is not None:
        assert found.first <= day <= found.last
        assert first is None or first <= found.first
        assert last is None or found.last <= last
        assert period_of(cycle, found.last, first, last, CALENDAR) == found


@given(cycle=cycles, first=days, length=st.integers(0, 500))
def test_the_periods_of_a_window_cover_it_once_but_for_weeks_that_owe_nothing(
    cycle: Cycle, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    window = [first + timedelta(days=n) for n in range(length + 1)]
    held_by_day = {period_of(cycle, day, first, last, CALENDAR) for day in window} - {None}

    walked = []
    found = next_period(cycle, first - timedelta(days=400), first, last, CALENDAR)
    while found is not None:
        walked.append(found)
        found = next_period(cycle, found.last, first, last, CALENDAR)

    assert set(walked) == held_by_day
    assert len({period.key for period in walked}) == len(walked)
    assert all(a.last < b.first for a, b in pairwise(walked))
