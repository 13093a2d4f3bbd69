from __future__ import annotations

from datetime import date, datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.database import Database
from ledger.absences import Absence
from ledger.letters import letter
from ledger.messages import Item, ItemKind, Message, MessageKind
from ledger.round import run_round
from ledger.standing_in import TAKEN_BY_DEPUTY
from ledger.telling import News, tell_at_once, tell_with_the_round
from ledger.units import Person, Post
from ledger.workdays import WorkCalendar
from tests.ledger.play import bureau, played

CAL = WorkCalendar()
DAY = date(2017, 4, 18)
NOW = datetime.combine(DAY, time(9), CAL.tz)


@pytest.fixture
def database() -> Database:
    return bureau()


def person(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()


def post(session: Session, name: str) -> Post:
    return session.scalars(select(Post).where(Post.person_id == person(session, name).id)).one()


def send_away(session: Session, name: str, first: date = DAY, last: date | None = DAY) -> None:
    session.add(Absence(person_id=person(session, name).id, first=first, last=last, at=NOW))
    session.flush()


def tell(session: Session, *names: str) -> None:
    posts = [post(session, name) for name in names]
    tell_with_the_round(session, News(ItemKind.ACT, "news", "会议改期", {}), posts, NOW)


def heard(session: Session) -> list[str]:
    rows = select(Person.name).join(Message, Message.person_id == Person.id)
    return list(session.scalars(rows.order_by(Message.id)))


@pytest.mark.parametrize(
    "first, last, who",
    [
        (DAY, DAY, "代乙"),
        (DAY, None, "代乙"),
        (date(2017, 4, 19), None, "领甲"),
        (date(2017, 4, 10), date(2017, 4, 17), "领甲"),
    ],
)
def test_the_deputy_hears_on_the_days_of_the_absence_only(
    database: Database, first: date, last: date | None, who: str
) -> None:
    with database.writing() as session:
        send_away(session, "领甲", first, last)
        tell(session, "领甲")
        run_round(session, NOW, CAL)
        assert heard(session) == [who]


def test_the_letter_says_for_whom_the_deputy_hears(database: Database) -> None:
    with database.writing() as session:
        send_away(session, "领甲")
        tell(session, "领甲")
        run_round(session, NOW, CAL)
        message = session.scalars(select(Message)).one()
        assert "您是领甲的代理人" in letter(session, message, NOW, CAL).why


def test_the_deputys_own_news_and_the_others_are_one_message(database: Database) -> None:
    with database.writing() as session:
        send_away(session, "领甲")
        tell(session, "领甲", "代乙")
        news = News(ItemKind.ACT, "other", "材料已到", {})
        tell_with_the_round(session, news, [post(session, "领甲")], NOW)
        run_round(session, NOW, CAL)
        assert heard(session) == ["代乙"]
        items = session.scalars(select(Item).order_by(Item.id)).all()
        assert [item.dropped for item in items] == [TAKEN_BY_DEPUTY, None, None]


def test_without_a_deputy_and_with_one_who_is_away_too_nothing_changes(database: Database) -> None:
    with database.writing() as session:
        for name in ("领甲", "代乙", "联一"):
            send_away(session, name)
        tell(session, "领甲", "联一")
        run_round(session, NOW, CAL)
        assert sorted(heard(session)) == ["联一", "领甲"]


def test_what_leaves_at_once_goes_to_the_deputy_too(database: Database) -> None:
    with database.writing() as session:
        send_away(session, "领甲")
        posts = select(Post.id).where(Post.id == post(session, "领甲").id)
        news = News(ItemKind.ACT, "notice", "停电", {})
        tell_at_once(session, MessageKind.STAGE, news, posts, NOW, CAL)
        (item,) = session.scalars(select(Item)).all()
        assert heard(session) == ["代乙"]
        assert (item.post_id, item.person_id) == (
            post(session, "领甲").id,
            person(session, "代乙").id,
        )


def test_a_rung_the_deputy_of_an_owing_post_hears_anyway_comes_once() -> None:
    items = "  - {id: d, what: 心得, who: [局领导], due: 2017-04-21}\n"
    play = played(items, "2017-04-17")
    with play.database.writing() as session:
        send_away(session, "领甲")
    play.run("2017-04-18")
    with play.database.reading() as session:
        rungs = session.execute(
            select(Person.name, Item.dropped)
            .join(Person, Person.id == Item.person_id)
            .join(Post, Post.id == Item.post_id)
            .where(Item.kind == ItemKind.RUNG, Post.id == post(session, "领甲").id)
        ).all()
        assert sorted(rungs) == [("代乙", None), ("领甲", TAKEN_BY_DEPUTY)]
