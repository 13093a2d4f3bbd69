"""The rehearsal (推演): the very same round, played over a campaign on a fake clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Protocol
from zlib import crc32

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ledger.acting import DECISIONS, USER, Stagehand, own_post
from ledger.audit import PLAN, Act, Actor, record
from ledger.behaviour import NOBODY, ActOnce, Behaviour, Do, HandInRule
from ledger.campaigns import OVER, Campaign, Stage, StageState
from ledger.chronicle import Chronicle
from ledger.errors import LedgerError
from ledger.events import Event
from ledger.intake import HandIn, hand_in
from ledger.launch import launch
from ledger.messages import Message, MessageState
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.plan import Plan
from ledger.recipients import office
from ledger.review import accept
from ledger.round import run_round
from ledger.stages import carry_out_all
from ledger.workdays import WorkCalendar

WITHOUT_ANY_DATE = date(2026, 1, 5)
"""Where a rehearsal starts when neither the plan nor its notice has a date."""

AFTER_THE_LAST = 20
"""Working days played after the last dated item."""

OFFICE_MOVES_AT = time(18, 0)


class Sessions(Protocol):
    """Where sessions come from."""

    def writing(self) -> AbstractContextManager[Session]: ...
    def reading(self) -> AbstractContextManager[Session]: ...


@dataclass(frozen=True)
class Script:
    """What is played: a plan with its text and folder, and a behaviour."""

    plan: Plan
    text: str
    folder: str = ""
    behaviour: Behaviour = NOBODY

    @property
    def starts_on(self) -> date:
        """The plan's `launched`, else the day of issue, else 2026-01-05."""
        return self.plan.starts or WITHOUT_ANY_DATE

    def ends_on(self, calendar: WorkCalendar) -> date:
        """The last dated item + 20 working days; without any date one year."""
        last = self.plan.last_date
        if last is None:
            return self.starts_on + timedelta(days=365)
        return calendar.shift(max(last, self.starts_on), AFTER_THE_LAST)


Scene = Callable[[datetime], None]


@dataclass(order=True)
class Entry:
    """One thing on the agenda. At one moment ticks come before acts, else in order of entry."""

    at: datetime
    rank: int
    number: int
    scene: Scene = field(compare=False)


TICK, ACT = 0, 1


def mark_sent(sessions: Sessions, now: datetime) -> None:
    """The fake deliverer: what would have left has left."""
    with sessions.writing() as session:
        session.execute(
            update(Message)
            .where(Message.state == MessageState.READY, Message.leaves_at <= now)
            .values(state=MessageState.SENT, sent_at=Message.leaves_at)
            .execution_options(synchronize_session=False)
        )


class Player:
    """Plays a script over a ledger, moment by moment. The roster must be there."""

    def __init__(
        self,
        sessions: Sessions,
        script: Script,
        calendar: WorkCalendar,
        deliver: Callable[[Sessions, datetime], object] = mark_sent,
    ) -> None:
        self.sessions = sessions
        self.script = script
        self.calendar = calendar
        self.deliver = deliver
        self.chronicle = Chronicle(calendar.tz)
        self.campaign_id = 0
        self._agenda: list[Entry] = []
        self._numbers = count()
        self._down = script.behaviour.down_days()
        self._known_obligation = 0
        self._stages_planned: dict[int, date] = {}

    def launch(self, by: Actor = PLAN) -> list[Event]:
        """Launch the campaign at the opening of the office on its first day."""
        now = self._moment(self.script.starts_on, self.calendar.opens)
        script = self.script
        with self.sessions.writing() as session:
            campaign = launch(
                session, script.plan, script.text, script.folder, by, now, self.calendar
            )
            self.campaign_id = campaign.id
        self.hand = Stagehand(script.plan, self.calendar, self.campaign_id)
        for act in script.behaviour.acts:
            self._enter(act.at.replace(tzinfo=self.calendar.tz), ACT, partial(self._act, act))
        self._enter_tick(self.script.starts_on)
        self.deliver(self.sessions, now)
        self._plan_stage_moves(now)
        return self.news(now)

    def play(self, until: date) -> Iterator[list[Event]]:
        """Play every moment up to the end of `until`; yields the events of each."""
        while (moment := self.next_moment()) is not None and (moment < self.calendar.end_of(until)):
            yield self.step()
        yield self.news(self.calendar.end_of(until))

    def next_moment(self) -> datetime | None:
        """The moment `step` would play; None when the campaign and its acts are over."""
        return self._agenda[0].at if self._agenda else None

    def step(self) -> list[Event]:
        """Play the next moment: a tick of the clock or an act. A tick tells what is new."""
        entry = heapq.heappop(self._agenda)
        entry.scene(entry.at)
        if entry.rank != TICK:
            return []
        events = self.news(entry.at)
        if any(event.kind == Act.STAGE_OPENED for event in events):
            self._plan_stage_moves(entry.at)
        return events

    def is_running(self) -> bool:
        """Whether the campaign is still open."""
        with self.sessions.reading() as session:
            state = session.get_one(Campaign, self.campaign_id).state
        return state not in OVER

    def news(self, now: datetime) -> list[Event]:
        """What the ledger has to tell since the last time it was asked."""
        with self.sessions.reading() as session:
            return self.chronicle.news(session, now)

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.calendar.tz)

    def _enter(self, at: datetime, rank: int, scene: Scene) -> None:
        """Put a scene on the agenda; on a day the machine is down it waits for the next tick."""
        while self.calendar.local_day(at) in self._down:
            at = self.calendar.daily_moment(self.calendar.local_day(at) + timedelta(days=1))
        heapq.heappush(self._agenda, Entry(at, rank, next(self._numbers), scene))

    def _enter_tick(self, day: date) -> None:
        while day in self._down:
            day += timedelta(days=1)
        self._enter(self.calendar.daily_moment(day), TICK, self._tick)

    def _tick(self, now: datetime) -> None:
        with self.sessions.writing() as session:
            run_round(session, now, self.calendar)
        self._enter_tick(self.calendar.local_day(now) + timedelta(days=1))
        self.deliver(self.sessions, now)
        self._plan_hand_ins(now)

    def _act(self, act: ActOnce, now: datetime) -> None:
        """Do an act; a decision is carried out at once, as the service would within seconds."""
        with self.sessions.writing() as session:
            with self._refusals_told(session, act.do, now):
                self.hand.perform(session, act, now)
            if act.do in DECISIONS:
                carry_out_all(session, now, self.calendar)
        if act.do in DECISIONS:
            self._plan_stage_moves(now)

    @contextmanager
    def _refusals_told(self, session: Session, do: Do, now: datetime) -> Iterator[None]:
        """What the ledger refuses is undone and told as an event."""
        try:
            with session.begin_nested():
                yield
        except LedgerError as refusal:
            about = {"campaign_id": self.campaign_id, "note": f"{do.value}：{refusal}"}
            record(session, Actor(None, USER), Act.REFUSED, now, **about)

    def _plan_hand_ins(self, now: datetime) -> None:
        """Decide for each new obligation whether and when it is handed in."""
        if not self.script.behaviour.hand_in:
            return
        with self.sessions.reading() as session:
            rows = session.scalars(
                select(Obligation)
                .where(Obligation.id > self._known_obligation)
                .order_by(Obligation.id)
            ).all()
            for row in rows:
                self._known_obligation = row.id
                if (rule := self._rule_for(row)) and rule.day is not None and row.due:
                    day = self.calendar.shift(row.due, rule.day)
                    at = max(self._moment(day, rule.at), now + timedelta(minutes=30))
                    self._enter(at, ACT, partial(self._hand_in, row.id, rule))

    def _rule_for(self, row: Obligation) -> HandInRule | None:
        key = row.deliverable.key
        words = f"{key}|{row.respondent.name}|{row.period}"
        chance = crc32(words.encode()) / 2**32
        for rule in self.script.behaviour.hand_in:
            named = not rule.who or {row.respondent_class, row.respondent.name} & set(rule.who)
            fits = not rule.items or key in rule.items
            if named and fits and (not rule.periods or row.period in rule.periods):
                if chance < rule.share:
                    return rule
                chance = (chance - rule.share) / (1 - rule.share)
        return None

    def _hand_in(self, obligation_id: int, rule: HandInRule, now: datetime) -> None:
        today = self.calendar.local_day(now)
        with self.sessions.writing() as session:
            row = session.get_one(Obligation, obligation_id)
            if row.state not in TAKES_HAND_IN:
                return
            with self._refusals_told(session, Do.HAND_IN, now):
                post = own_post(session, row.respondent, today)
                given = HandIn(text="（推演）", count=row.asked)
                hand_in(session, row, post, given, Actor(post, USER), now, self.calendar)
        if row.state is ObligationState.SUBMITTED and rule.accept_after is not None:
            day = self.calendar.shift(today, rule.accept_after)
            self._enter(self._moment(day, time(16, 0)), ACT, partial(self._accept, obligation_id))

    def _accept(self, obligation_id: int, now: datetime) -> None:
        with self.sessions.writing() as session:
            row = session.get_one(Obligation, obligation_id)
            if row.state is ObligationState.SUBMITTED:
                accept(session, row, first_office(session, self.calendar.local_day(now)), now)

    def _plan_stage_moves(self, now: datetime) -> None:
        """The office moves each open stage at 18:00 on its due date, after those inside it."""
        if self.script.behaviour.stages != "on_due":
            return
        with self.sessions.reading() as session:
            open_stages = session.scalars(
                select(Stage).where(
                    Stage.campaign_id == self.campaign_id,
                    Stage.state == StageState.OPEN,
                    ~Stage.inner.any(Stage.state != StageState.MOVED),
                )
            ).all()
        for stage in open_stages:
            if stage.due is not None and self._stages_planned.get(stage.id) != stage.due:
                self._stages_planned[stage.id] = stage.due
                at = max(self._moment(stage.due, OFFICE_MOVES_AT), now)
                self._enter(at, ACT, partial(self._move_stage, stage.key, stage.due))

    def _move_stage(self, key: str, due: date, now: datetime) -> None:
        with self.sessions.reading() as session:
            stage = session.scalars(
                select(Stage).where(Stage.campaign_id == self.campaign_id, Stage.key == key)
            ).one()
        if stage.state is StageState.OPEN and stage.due == due:
            act = ActOnce(at=now.replace(tzinfo=None), do=Do.MOVE_STAGE, stage=key, text="到期转段")
            self._act(act, now)


def first_office(session: Session, day: date) -> Actor:
    """The office's first post, as the one who launches."""
    posts = office(session, day)
    return Actor(posts[0], USER) if posts else PLAN
