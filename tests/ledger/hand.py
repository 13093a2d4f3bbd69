"""The office of the small bureau at work by hand: it announces, people sign, rounds go by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.database import Database
from ledger.announcements import Announcement
from ledger.announcing import announce
from ledger.audience import Chosen, chosen_posts
from ledger.audit import Actor
from ledger.correcting import PutRight, correct, recall
from ledger.letters import letters
from ledger.messages import Item, ItemKind, Message, MessageKind, MessageState, Round
from ledger.roles import Role
from ledger.round import run_round
from ledger.signatures import Signature
from ledger.signing import sign
from ledger.units import Person, Post, Unit
from ledger.wording import Wording
from ledger.workdays import WorkCalendar
from tests.ledger.play import bureau

CAL = WorkCalendar()

FRIDAY = "2017-04-14 10:00"
"""Two working days on is Tuesday 2017-04-18."""


def moment(text: str) -> datetime:
    """A local wall-clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=CAL.tz)


class Hand:
    """One ledger; every act is a transaction of its own."""

    def __init__(self, database: Database | None = None, calendar: WorkCalendar = CAL) -> None:
        self.database = database or bureau()
        self.calendar = calendar

    def announce(
        self,
        at: str = FRIDAY,
        *,
        units: Sequence[str] = (),
        classes: Sequence[str] = (),
        roles: Sequence[Role] = (Role.CONTACT,),
        people: Sequence[str] = (),
        within: int | None = None,
        title: str = "防汛通知",
        text: str = "请各校今晚值班。",
    ) -> int:
        """A notice by 办一; its number."""
        with self.database.writing() as session:
            where = select(Unit.id).where(Unit.name.in_(units))
            named = select(Post.id).join(Person, Person.id == Post.person_id)
            chosen = Chosen(
                units=session.scalars(where).all(),
                classes=classes,
                roles=roles if units or classes or not people else (),
                posts=session.scalars(named.where(Person.name.in_(people))).all(),
            )
            now = moment(at)
            row = announce(
                session,
                Wording(title, text),
                chosen_posts(chosen, self.calendar.local_day(now)),
                self.office(session),
                now,
                self.calendar,
                sign_within=within,
            )
            return row.id

    def correct(self, number: int, text: str, at: str = FRIDAY, title: str = "") -> PutRight:
        """A correction by 办一."""
        with self.database.writing() as session:
            wrong = session.get_one(Announcement, number)
            said, by = Wording(title or wrong.title, text), self.office(session)
            return correct(session, wrong, said, "时间写错", by, moment(at), self.calendar)

    def recall(self, number: int, at: str = FRIDAY) -> PutRight:
        """A recall by 办一."""
        with self.database.writing() as session:
            wrong = session.get_one(Announcement, number)
            by = self.office(session)
            return recall(session, wrong, "不办了", by, moment(at), self.calendar)

    def office(self, session: Session) -> Actor:
        """办一 at the keyboard."""
        return Actor(
            session.scalars(select(Post).where(Post.person.has(name="办一"))).one(), "test"
        )

    def sign(self, name: str, at: str, number: int | None = None) -> bool:
        """Someone signs for the (latest) message that went to them by hand."""
        with self.database.writing() as session:
            return sign(session, self.message(session, name, number), moment(at), "10.0.0.8 手机")

    def message(self, session: Session, name: str, number: int | None = None) -> Message:
        """The message of an announcement, or the latest one of any, to someone."""
        mine = select(Message).where(Message.person.has(name=name))
        if number is not None:
            mine = mine.where(Message.announcement_id == number)
        by_hand = mine.where(Message.kind != MessageKind.DIGEST)
        return session.scalars(by_hand.order_by(Message.id.desc()).limit(1)).one()

    def put(self, name: str, number: int, state: MessageState, **more: Any) -> None:
        """What became of the message of an announcement to someone."""
        with self.database.writing() as session:
            message = self.message(session, name, number)
            message.state = state
            for field, value in more.items():
                setattr(message, field, value)

    def carry_on(self, name: str, number: int, to: str) -> None:
        """The message could not reach someone, so another gets it."""
        with self.database.writing() as session:
            failed = self.message(session, name, number)
            failed.state = MessageState.FAILED
            post = session.scalars(select(Post).where(Post.person.has(name=to))).one()
            item = Item(
                key=f"item:carried:{failed.id}:{post.person_id}",
                person_id=post.person_id,
                post_id=post.id,
                kind=ItemKind.ANNOUNCED,
                at=failed.created_at,
                why=failed.items[0].why,
            )
            session.add(
                Message(
                    key=f"carried:{failed.id}:{post.person_id}",
                    kind=failed.kind,
                    person_id=post.person_id,
                    state=MessageState.READY,
                    created_at=failed.created_at,
                    leaves_at=failed.leaves_at,
                    origin_id=failed.id,
                    announcement_id=failed.announcement_id,
                    items=[item],
                )
            )

    def leave(self, at: str) -> None:
        """What may leave has left."""
        with self.database.writing() as session:
            session.execute(
                update(Message)
                .where(Message.state == MessageState.READY, Message.leaves_at <= moment(at))
                .values(state=MessageState.SENT, sent_at=moment(at))
            )

    def tick(self, at: str, batch: int = 4000) -> Round | None:
        """What the service does every so often; then all leaves."""
        with self.database.writing() as session:
            done = run_round(session, moment(at), self.calendar, batch)
        self.leave(at)
        return done

    def told(self, number: int) -> dict[str, MessageState]:
        """To whom an announcement went by name, and how the message stands."""
        rows = select(Person.name, Message.state).join(Message, Message.person_id == Person.id)
        with self.database.reading() as session:
            found = session.execute(rows.where(Message.announcement_id == number))
            return {name: state for name, state in found}

    def words(self, number: int) -> dict[str, str]:
        """What the line of an announcement says to each."""
        rows = select(Person.name, Item.why).join(Message, Message.id == Item.message_id)
        with self.database.reading() as session:
            found = session.execute(
                rows.join(Person, Person.id == Message.person_id).where(
                    Message.announcement_id == number, Item.kind == ItemKind.ANNOUNCED
                )
            )
            return {name: why for name, why in found}

    def unsigned(self) -> list[tuple[str, str]]:
        """Who was told of an unsigned message, and on which day they heard, in order."""
        rows = (
            select(Person.name, Message.created_at)
            .select_from(Item)
            .join(Person, Person.id == Item.person_id)
            .join(Message, Message.id == Item.message_id)
            .where(Item.kind == ItemKind.UNSIGNED, Item.dropped.is_(None))
            .order_by(Item.id)
        )
        with self.database.reading() as session:
            return [
                (name, self.calendar.local_day(at).isoformat()[5:])
                for name, at in session.execute(rows)
            ]

    def lines(self, at: str) -> list[str]:
        """What unsent digests would say now."""
        with self.database.reading() as session:
            ids = session.scalars(
                select(Message.id).where(
                    Message.kind == MessageKind.DIGEST, Message.state == MessageState.READY
                )
            ).all()
            found = letters(session, ids, moment(at), self.calendar)
            return [line.news for letter in found.values() for line in letter.lines]

    def signature(self, name: str, number: int) -> Signature:
        """The signature someone's message asks for."""
        with self.database.reading() as session:
            message = self.message(session, name, number)
            return session.scalars(
                select(Signature).where(Signature.message_id == message.id)
            ).one()
