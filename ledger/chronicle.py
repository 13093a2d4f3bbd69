"""The chronicle: what the ledger holds, told as events, one per event and recipient.

Nothing is kept for it: every event is read from the row that records the fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from ledger.audit import Act, Audit
from ledger.deadlines import Deadline, Fired, RungFire
from ledger.events import Event, Line, Told
from ledger.messages import Item, ItemKind, Message, WeeklyList, WeeklyRound
from ledger.names import Names
from ledger.obligations import Obligation, ObligationState
from ledger.sql import Record, Rows

LISTED = (ItemKind.WEEKLY, ItemKind.UNDATED)

ITEM = (
    *(Item.person_id, Item.post_id, Item.kind, Item.at, Item.why, Item.due, Item.campaign_id),
    *(
        Item.obligation_id,
        Item.problem_id,
        Item.message_id,
        Item.deliverable_id.label("undated_id"),
        Item.count,
    ),
)
MESSAGE = (Message.created_at, Message.leaves_at)
OBLIGATION = (Obligation.deliverable_id, Obligation.respondent_id, Obligation.period)


AFTER = bindparam("after", type_=Integer)


OPENED: Rows = (
    select(Obligation.id, Obligation.opened_at, Obligation.scheduled_due, *OBLIGATION)
    .where(Obligation.id > AFTER)
    .order_by(Obligation.id)
)


AUDITS: Rows = (
    select(Audit.id, Audit, *OBLIGATION)
    .outerjoin(Obligation, Obligation.id == Audit.obligation_id)
    .where(Audit.id > AFTER)
    .order_by(Audit.id)
)


FIRES: Rows = (
    select(
        *(RungFire.id, RungFire.fired, RungFire.rung, RungFire.repeat, RungFire.due),
        *(RungFire.planned_on, RungFire.decided_at, Deadline.ladder_id),
        *(Deadline.campaign_id, Deadline.problem_id.label("of_problem"), *OBLIGATION),
        *(Item.person_id, Item.post_id, Item.why, Item.message_id, Message.leaves_at),
    )
    .join(Deadline, Deadline.id == RungFire.deadline_id)
    .outerjoin(Obligation, Obligation.id == Deadline.obligation_id)
    .outerjoin(Item, Item.rung_fire_id == RungFire.id)
    .outerjoin(Message, Message.id == Item.message_id)
    .where(RungFire.id > AFTER)
    .order_by(RungFire.id, Item.id)
)


OF_THE_LIST = (
    select(func.max(Message.id))
    .where(
        Message.round_id == WeeklyList.round_id,
        Message.person_id == WeeklyList.person_id,
        Message.origin_id.is_(None),
    )
    .correlate(WeeklyList)
    .scalar_subquery()
)
"""The one message of that person in that round; looked up list by list, not by trying them all."""

LISTS: Rows = (
    select(WeeklyList.id, WeeklyList.iso_week, *ITEM, *MESSAGE, *OBLIGATION)
    .select_from(WeeklyList)
    .join(Item, Item.message_id == OF_THE_LIST)
    .join(Message, Message.id == Item.message_id)
    .outerjoin(Obligation, Obligation.id == Item.obligation_id)
    .where(WeeklyList.id > AFTER, Item.kind.in_(LISTED))
    .order_by(WeeklyList.id, Item.id)
)


MESSAGES: Rows = (
    select(Message.id, Message.kind.label("message_kind"), *ITEM, *MESSAGE, *OBLIGATION)
    .join(Item, Item.message_id == Message.id)
    .outerjoin(Obligation, Obligation.id == Item.obligation_id)
    .where(Message.id > AFTER, Item.dropped.is_(None))
    .order_by(Message.id, Item.id)
)


WEEKS: Rows = (
    select(WeeklyRound.round_id, WeeklyRound)
    .where(WeeklyRound.round_id > AFTER)
    .order_by(WeeklyRound.round_id)
)


class Chronicle:
    """Tells what is new in the ledger since it last told."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self.names = Names()
        self._last: dict[InstrumentedAttribute[int], int] = {}
        self._locked_until: datetime | None = None

    def news(self, session: Session, now: datetime) -> list[Event]:
        """The events since the last call, in the order in which they happened."""
        self.names.session = session
        found = [event for tell in self._with_news(session) for event in tell(session)]
        return sorted([*found, *self._locked(session, now)], key=lambda event: event.at)

    def _with_news(self, session: Session) -> list[Callable[[Session], Iterator[Event]]]:
        """Those who have something to tell, found in one look at the newest ids."""
        tellers = {
            Obligation.id: self._opened,
            Audit.id: self._audits,
            RungFire.id: self._fires,
            WeeklyList.id: self._lists,
            WeeklyRound.round_id: self._skipped_weeks,
            Message.id: self._messages,
        }
        newest = session.execute(
            select(*(select(func.max(column)).scalar_subquery() for column in tellers))
        ).one()
        return [
            tell
            for (column, tell), last in zip(tellers.items(), newest, strict=True)
            if (last or 0) > self._last.get(column, 0)
        ]

    def _new(
        self, session: Session, column: InstrumentedAttribute[int], rows: Rows
    ) -> Sequence[Record]:
        """What `rows` selects beyond the last id told, which its first column holds."""
        found = session.execute(rows, {"after": self._last.get(column, 0)}).all()
        if found:
            self._last[column] = found[-1][0]
        return found

    def _opened(self, session: Session) -> Iterator[Event]:
        rows = self._new(session, Obligation.id, OPENED)
        for row in rows:
            yield self._of_obligation("obligation_opened", row.opened_at, row, row.scheduled_due)

    def _locked(self, session: Session, now: datetime) -> Iterator[Event]:
        since, self._locked_until = self._locked_until, now
        rows = select(Obligation.id, Obligation.locked_at, Obligation.due, *OBLIGATION).where(
            Obligation.state == ObligationState.MISSED, Obligation.locked_at <= now
        )
        if since is not None:
            rows = rows.where(Obligation.locked_at > since)
        for row in session.execute(rows.order_by(Obligation.locked_at, Obligation.id)):
            yield self._of_obligation("locked", row.locked_at, row, row.due, "到期未报，已锁定")

    def _of_obligation(
        self, kind: str, at: datetime, row: Record, due: date | None, why: str = ""
    ) -> Event:
        asked = self.names.deliverable(row.deliverable_id)
        line = self._line(row, None, due, at)
        return Event(self._local(at), kind, asked.campaign, asked.stage, None, [line], why=why)

    def _audits(self, session: Session) -> Iterator[Event]:
        rows = self._new(session, Audit.id, AUDITS)
        for row in rows:
            audit: Audit = row.Audit
            stage = self.names.stage(audit.stage_id)
            lines = [self._line(row, audit.problem_id, audit.due, audit.at)]
            if audit.act in (Act.STAGE_DUE, Act.STAGE_WAITING) and audit.due and stage:
                lines = [Line(None, stage, None, audit.due.isoformat(), 0)]
            elif audit.obligation_id is None and audit.problem_id is None:
                lines = []
            by = self._by(audit.by_post_id)
            yield Event(
                self._local(audit.at),
                audit.act.value,
                self.names.campaign(audit.campaign_id),
                stage,
                items=lines,
                why=f"{by}；{audit.note}" if audit.note else by,
            )

    def _fires(self, session: Session) -> Iterator[Event]:
        rows = self._new(session, RungFire.id, FIRES)
        for row in rows:
            if row.fired is not Fired.SENT or row.person_id is not None:
                yield self._of_fire(row)

    def _of_fire(self, row: Record) -> Event:
        asked = self.names.deliverable(row.deliverable_id)
        sent = row.fired is Fired.SENT
        return Event(
            self._local(row.decided_at),
            "rung" if sent else row.fired.value,
            self.names.campaign(row.campaign_id),
            asked.stage,
            self._told(row) if sent else None,
            [self._line(row, row.of_problem, row.due, row.decided_at)],
            self._local(row.leaves_at) if row.leaves_at else None,
            self.names.ladder(row.ladder_id),
            row.rung,
            row.repeat,
            row.why or f"期限 {row.due}，应于 {row.planned_on}",
            row.message_id,
        )

    def _lists(self, session: Session) -> Iterator[Event]:
        rows = self._new(session, WeeklyList.id, LISTS)
        for _, group in groupby(rows, key=lambda row: row.id):
            lines = list(group)
            yield self._with_items("weekly_list", lines, f"{lines[0].iso_week} 周清单")

    def _messages(self, session: Session) -> Iterator[Event]:
        rows = self._new(session, Message.id, MESSAGES)
        for _, group in groupby(rows, key=lambda row: row.id):
            lines = list(group)
            words = "；".join(dict.fromkeys(line.why for line in lines if line.why))
            yield self._with_items("message", lines, f"{lines[0].message_kind.value}：{words}")

    def _skipped_weeks(self, session: Session) -> Iterator[Event]:
        rows = self._new(session, WeeklyRound.round_id, WEEKS)
        for _, row in rows:
            if row.skipped:
                why = f"{row.iso_week} {row.skipped}"
                yield Event(self._local(row.decided_at), "weekly_skipped", why=why)

    def _with_items(self, kind: str, rows: Sequence[Record], why: str) -> Event:
        first = rows[0]
        campaigns = {row.campaign_id for row in rows}
        return Event(
            self._local(first.created_at),
            kind,
            self.names.campaign(campaigns.pop()) if len(campaigns) == 1 else None,
            to=self._told(first),
            items=[self._item_line(row) for row in rows],
            leaves_at=self._local(first.leaves_at),
            why=why,
            message=first.message_id,
        )

    def _item_line(self, row: Record) -> Line:
        if row.obligation_id or row.problem_id:
            return self._line(row, row.problem_id, row.due, row.at)
        what: str = row.why
        if row.kind is ItemKind.UNDATED:
            what = f"{self.names.deliverable(row.undated_id).what}（{row.count} 家未定期限）"
        return Line(None, what, None, row.due.isoformat() if row.due else None, 0)

    def _line(self, row: Record, problem_id: int | None, due: date | None, at: datetime) -> Line:
        late = max(0, (self._local(at).date() - due).days) if due else 0
        said = due.isoformat() if due else None
        if problem_id is not None:
            unit, title = self.names.problem(problem_id)
            return Line(unit, title, None, said, late)
        what = self.names.deliverable(row.deliverable_id).what
        return Line(self.names.respondent(row.respondent_id), what, row.period, said, late)

    def _told(self, row: Record) -> Told:
        role, unit, _ = self.names.post(row.post_id)
        return Told(role, unit, self.names.person(row.person_id))

    def _by(self, post_id: int | None) -> str:
        if post_id is None:
            return "计划"
        role, _, holder = self.names.post(post_id)
        return f"{role}{holder}"

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)
