"""The working-day calendar against the State Council's notices, and its counting at the edges."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ledger.workdays import WorkCalendar, YearList, YearStatus
from tests.ledger.state_council import YEARS, Year

pytestmark = pytest.mark.no_ledger

CALENDAR = WorkCalendar()

days = st.dates(date(2003, 1, 1), date(2029, 12, 31))
steps = st.integers(-300, 300)


def on(text: str) -> date:
    return date.fromisoformat(text)


# The notices


@pytest.mark.parametrize("year", YEARS, ids=lambda year: str(year.year))
def test_every_day_of_the_year_is_as_the_notices_say(year: Year) -> None:
    wrong = [day for day in year.days() if CALENDAR.is_workday(day) != year.is_workday(day)]

    assert wrong == []


@pytest.mark.parametrize("year", YEARS, ids=lambda year: str(year.year))
def test_the_typed_table_is_plausible_in_itself(year: Year) -> None:
    assert all(day.weekday() >= 5 for day in year.works())
    assert not year.rests() & year.works()


@pytest.mark.parametrize(
    "day", ["2006-10-08", "2017-09-30", "2005-12-31", "2006-12-30", "2006-12-31", "2011-12-31"]
)
def test_a_make_up_day_of_the_weekend_is_a_working_day(day: str) -> None:
    assert on(day).weekday() >= 5
    assert CALENDAR.is_workday(on(day))


def test_published_years_are_not_provisional() -> None:
    assert not CALENDAR.provisional(on("2004-01-01"))
    assert not CALENDAR.provisional(on("2026-12-31"))


@pytest.mark.parametrize("year", [2003, 2027, 2040])
def test_an_unpublished_year_is_provisional_and_monday_to_friday(year: int) -> None:
    every = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]

    assert all(CALENDAR.provisional(day) for day in every)
    assert all(CALENDAR.is_workday(day) == (day.weekday() < 5) for day in every)


def test_counting_runs_on_from_a_published_into_a_provisional_year() -> None:
    assert CALENDAR.shift(on("2026-12-31"), 1) == on("2027-01-01")
    assert CALENDAR.shift(on("2027-01-04"), -2) == on("2026-12-31")
    assert CALENDAR.count(on("2026-12-30"), on("2027-01-04")) == 3


# Imported lists


def test_an_imported_list_ends_the_provisional_year_and_may_move_december() -> None:
    imported = YearList(
        2027,
        YearStatus.PUBLISHED,
        off=frozenset({on("2027-01-01"), on("2026-12-31")}),
        work=frozenset({on("2026-12-26")}),
    )
    calendar = WorkCalendar(years={2027: imported})

    assert not calendar.provisional(on("2027-06-01"))
    assert calendar.provisional(on("2028-06-01"))
    assert not calendar.is_workday(on("2027-01-01"))
    assert not calendar.is_workday(on("2026-12-31"))
    assert calendar.is_workday(on("2026-12-26"))
    assert calendar.shift(on("2026-12-30"), 1) == on("2027-01-04")


def test_a_date_of_an_imported_list_beats_the_package_and_leaves_the_others() -> None:
    imported = YearList(
        2017,
        YearStatus.PUBLISHED,
        off=frozenset({on("2017-09-30")}),
        work=frozenset({on("2017-10-02")}),
    )
    calendar = WorkCalendar(years={2017: imported})

    assert not calendar.is_workday(on("2017-09-30"))
    assert calendar.is_workday(on("2017-10-02"))
    assert not calendar.is_workday(on("2017-10-03"))


def test_a_list_entered_as_provisional_is_used_and_still_provisional() -> None:
    guess = YearList(2027, YearStatus.PROVISIONAL, off=frozenset({on("2027-10-01")}))
    calendar = WorkCalendar(years={2027: guess})

    assert calendar.provisional(on("2027-10-01"))
    assert not calendar.is_workday(on("2027-10-01"))


def test_of_two_lists_that_name_one_date_the_later_year_holds() -> None:
    december = frozenset({on("2027-12-31")})
    calendar = WorkCalendar(
        years={
            2028: YearList(2028, YearStatus.PUBLISHED, off=december),
            2027: YearList(2027, YearStatus.PUBLISHED, work=december),
        }
    )

    assert not calendar.is_workday(on("2027-12-31"))


def test_a_list_that_contradicts_itself_is_refused() -> None:
    day = frozenset({on("2027-01-01")})

    with pytest.raises(ValueError, match="既放假又上班"):
        YearList(2027, YearStatus.PUBLISHED, off=day, work=day)


@pytest.mark.parametrize("day", ["2026-11-30", "2028-01-01"])
def test_a_list_with_a_date_of_another_year_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=day):
        YearList(2027, YearStatus.PUBLISHED, off=frozenset({on(day)}))


# Shifting and counting


@pytest.mark.parametrize(
    ("day", "n", "expected"),
    [
        ("2017-04-30", -3, "2017-04-26"),  # due on a rest day
        ("2017-04-30", 1, "2017-05-02"),
        ("2017-04-30", 0, "2017-04-30"),
        ("2017-03-31", 1, "2017-04-01"),  # Qingming: the Saturday is worked
        ("2017-04-01", 1, "2017-04-05"),
        ("2017-04-05", -1, "2017-04-01"),
        ("2017-09-29", 1, "2017-09-30"),  # Golden Week
        ("2017-09-30", 1, "2017-10-09"),
        ("2017-10-09", -2, "2017-09-29"),
        ("2006-12-29", 3, "2007-01-04"),  # year's end: 30 and 31 worked, 1 to 3 off
        ("2011-12-30", 2, "2012-01-04"),
        ("2017-12-29", 1, "2018-01-02"),
        ("2018-01-02", -1, "2017-12-29"),
    ],
)
def test_shifting_counts_working_days_strictly_after_or_before(
    day: str, n: int, expected: str
) -> None:
    assert CALENDAR.shift(on(day), n) == on(expected)


@pytest.mark.parametrize(
    ("after", "upto", "expected"),
    [
        ("2017-04-30", "2017-04-30", 0),
        ("2017-05-03", "2017-05-02", 0),
        ("2017-04-28", "2017-05-01", 0),
        ("2017-04-28", "2017-05-02", 1),
        ("2017-09-30", "2017-10-08", 0),
        ("2017-09-29", "2017-10-09", 2),
        ("2016-12-31", "2017-12-31", 249),
        ("2005-12-31", "2007-12-31", 251 + 249),
    ],
)
def test_counting_leaves_out_the_first_day_and_takes_in_the_last(
    after: str, upto: str, expected: int
) -> None:
    assert CALENDAR.count(on(after), on(upto)) == expected


@given(day=days, n=steps)
def test_a_shift_from_a_working_day_is_undone_by_its_opposite(day: date, n: int) -> None:
    assume(CALENDAR.is_workday(day))

    assert CALENDAR.shift(CALENDAR.shift(day, n), -n) == day


@given(day=days, n=st.integers(0, 600))
def test_as_many_days_are_counted_as_were_shifted(day: date, n: int) -> None:
    assert CALENDAR.count(day, CALENDAR.shift(day, n)) == n


@given(day=days, n=steps)
def test_a_shift_lands_on_a_working_day_and_no_nearer_one_would_do(day: date, n: int) -> None:
    assume(n != 0)
    landed = CALENDAR.shift(day, n)
    first, last = (day + timedelta(days=1), landed) if n > 0 else (landed, day - timedelta(days=1))
    between = [first + timedelta(days=k) for k in range((last - first).days + 1)]

    assert CALENDAR.is_workday(landed)
    assert sum(CALENDAR.is_workday(passed) for passed in between) == abs(n)


# Weeks


def test_a_week_opens_on_its_first_working_day() -> None:
    assert CALENDAR.week_opens(on("2017-04-20")) == on("2017-04-17")
    assert CALENDAR.week_opens(on("2017-04-04")) == on("2017-04-05")
    assert CALENDAR.week_opens(on("2017-04-09")) == on("2017-04-05")


def test_a_week_can_open_on_a_sunday_by_make_up() -> None:
    assert CALENDAR.week_opens(on("2006-10-02")) == on("2006-10-08")


def test_golden_week_2017_never_opens() -> None:
    assert on("2017-10-02").isocalendar().week == 40
    assert CALENDAR.week_opens(on("2017-10-02")) is None
    assert CALENDAR.week_opens(on("2017-10-08")) is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2017-04-17", "2017-04-24"),
        ("2017-04-23", "2017-04-24"),
        ("2017-09-25", "2017-10-09"),
        ("2017-09-30", "2017-10-09"),
        ("2017-10-08", "2017-10-09"),
        ("2006-09-25", "2006-10-08"),
        ("2017-12-31", "2018-01-02"),
    ],
)
def test_the_next_list_is_in_the_next_week_that_has_a_working_day(day: str, expected: str) -> None:
    assert CALENDAR.next_list(on(day)) == on(expected)
