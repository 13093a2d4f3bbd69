from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import Date, bindparam, literal, select

from ledger.absences import Absence, away_on, come_back, next_absences, take_leave
from ledger.audit import Act, Actor, Audit
from ledger.errors import Refused
from ledger.messages import Round
from ledger.roles import Role
from ledger.units import Person, Post
from tests import store
from tests.notifications.scene import NOW, TODAY, Scene

FIRST, LAST = date(2017, 5, 8), date(2017, 5, 12)
DAY = timedelta(days=1)


@pytest.fixture
def scene() -> Iterator[Scene]:
    with store.empty().writing() as session:
        yield Scene(session)


def leave(scene: Scene, first: date = FIRST, last: date | None = LAST) -> Absence:
    by = Actor(scene.contact, "tester")
    return take_leave(scene.session, scene.contact.person, first, last, "培训", TODAY, by, NOW)


def back(scene: Scene, today: date) -> Absence:
    by = Actor(scene.contact, "tester")
    return come_back(scene.session, scene.contact.person, today, by, NOW)


def away(scene: Scene, day: date) -> bool:
    scene.session.flush()
    held = select(Post.id).where(away_on(bindparam("day", type_=Date)))
    found = scene.session.scalars(held, {"day": day}).all()
    assert found in ([], [scene.contact.id])
    return bool(found)


def test_both_days_are_days_away_and_no_other(scene: Scene) -> None:
    scene.post("王建国", Role.HEAD, scene.school)
    leave(scene)
    days = (FIRST - DAY, FIRST, LAST, LAST + DAY)
    assert [away(scene, day) for day in days] == [False, True, True, False]


def test_without_a_last_day_it_lasts_until_told(scene: Scene) -> None:
    leave(scene, last=None)
    assert [away(scene, day) for day in (FIRST - DAY, FIRST, date(2099, 1, 1))] == [
        *(False, True, True),
    ]
    back(scene, FIRST + 3 * DAY)
    assert [away(scene, FIRST + n * DAY) for n in (2, 3)] == [True, False]


def test_the_person_and_the_day_may_be_columns(scene: Scene) -> None:
    leave(scene)
    scene.add(Round(day=FIRST, at=NOW))
    persons = select(Person.id.label("id")).subquery()
    pairs = select(persons.c.id, Round.day).join(Round, literal(True))
    found = scene.session.execute(pairs.where(away_on(Round.day, persons.c.id))).all()
    assert [tuple(row) for row in found] == [(scene.contact.person_id, FIRST)]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (FIRST, LAST),
        (LAST, None),
        (FIRST - DAY, FIRST),
        (FIRST - DAY, None),
        (FIRST + DAY, LAST - DAY),
    ],
)
def test_days_already_away_are_refused_with_what_is_known(
    scene: Scene, first: date, last: date | None
) -> None:
    leave(scene)
    with pytest.raises(Refused, match="李文静已登记外出（2017-05-08 至 2017-05-12），与这次重叠"):
        leave(scene, first, last)


def test_the_days_before_and_after_may_be_added(scene: Scene) -> None:
    leave(scene)
    leave(scene, FIRST - 2 * DAY, FIRST - DAY)
    leave(scene, LAST + DAY, None)
    assert [away(scene, day) for day in (FIRST - 3 * DAY, FIRST - DAY, LAST + DAY)] == [
        *(False, True, True),
    ]


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (LAST, FIRST, "早于“起”（2017-05-12）；请改正日期"),
        (TODAY - 3 * DAY, TODAY - DAY, "已经过去；请改正日期"),
    ],
)
def test_days_that_cannot_be_meant_are_refused(
    scene: Scene, first: date, last: date, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        leave(scene, first, last)


def test_back_on_the_first_day_or_before_calls_it_off(scene: Scene) -> None:
    for today in (FIRST, FIRST - 3 * DAY):
        leave(scene)
        back(scene, today)
        assert not any(away(scene, FIRST + n * DAY) for n in range(-4, 6))
        assert next_absences(scene.session, FIRST - 9 * DAY) == {}


def test_who_is_not_away_cannot_come_back(scene: Scene) -> None:
    leave(scene)
    with pytest.raises(Refused, match="李文静没有登记外出，不需要销假"):
        back(scene, LAST + DAY)


def test_the_next_absence_is_the_first_to_come(scene: Scene) -> None:
    leave(scene, LAST + DAY, None)
    leave(scene)
    scene.session.flush()
    person = scene.contact.person_id
    assert next_absences(scene.session, LAST)[person].span == "2017-05-08 至 2017-05-12"
    assert next_absences(scene.session, LAST + DAY)[person].span == "2017-05-13 起"


def test_each_is_on_record_with_who_did_it(scene: Scene) -> None:
    leave(scene)
    back(scene, FIRST + DAY)
    rows = scene.session.scalars(select(Audit).order_by(Audit.id)).all()
    assert [(row.act, row.by_post_id) for row in rows] == [
        (Act.WENT_AWAY, scene.contact.id),
        (Act.CAME_BACK, scene.contact.id),
    ]
    assert [row.note for row in rows] == [
        "李文静外出：2017-05-08 至 2017-05-12；培训",
        "李文静销假：原登记 2017-05-08 至 2017-05-12",
    ]
