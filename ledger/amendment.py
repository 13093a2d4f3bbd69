"""An amendment under way: the rows of a deliverable are brought to what it says now.

What has been received stays; what has fallen due stays in its past rate; who is affected hears of
it once, with the next round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import and_, func, null, or_, select
from sqlalchemy.orm import Session

from ledger.amendment_report import Affected, Amendment, Asked, DateChange
from ledger.audit import Actor
from ledger.campaigns import Campaign, Deliverable
from ledger.coming import NOTHING, Coming, coming
from ledger.errors import Refused
from ledger.extensions import Extension, ExtensionOutcome
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState, title
from ledger.opening import first_opening
from ledger.periods import BEGIN_WITH_A_ROW, OPENED_BY_OFFICE, REPEATING, Cycle, Period
from ledger.redating import Dates
from ledger.releasing import ask_again, redate, withdraw
from ledger.respondents import names_of, respondents
from ledger.row_dates import current_period, dates_of
from ledger.tidings import Tidings
from ledger.workdays import WorkCalendar

OPEN = (ObligationState.OWED, ObligationState.WITHDRAWN)
GIVEN = (ObligationState.SUBMITTED, ObligationState.ACCEPTED, ObligationState.RETURNED)


@dataclass(frozen=True)
class Amending:
    """One amendment under way: where, by whom, when, and what is said of it.

    `concerned`: deliverables whose change affects all who are asked, told or not.
    """

    session: Session
    campaign: Campaign
    by: Actor
    now: datetime
    cal: WorkCalendar
    why: str
    report: Amendment
    tidings: Tidings
    concerned: list[Deliverable] = field(default_factory=list)

    @classmethod
    def begin(
        cls,
        session: Session,
        campaign: Campaign,
        why: str,
        occasion: str,
        by: Actor,
        now: datetime,
        cal: WorkCalendar,
    ) -> Amending:
        """One that has done nothing yet; `occasion` makes what is told one of its kind."""
        tidings = Tidings(session, campaign.id, occasion)
        return cls(session, campaign, by, now, cal, why, Amendment(), tidings)

    def tell(self) -> Amendment:
        """Leave what is to be said for the next round; the report, complete."""
        self.report.told = self.tidings.send(self.now, self.cal)
        affected = {row: set(told) for row, told in self.tidings.whom()}
        for row in self.concerned:
            affected.setdefault(row, set()).update(self._asked(row))
        for row, whom in affected.items():
            names = tuple(names_of(self.session, whom))
            self.report.affected.append(Affected(row.key, row.what, names))
        return self.report

    @property
    def today(self) -> date:
        """The day of the amendment."""
        return self.cal.local_day(self.now)

    def add(self, row: Deliverable, words: str) -> None:
        """A deliverable asked from now on; its rows are written by the next round."""
        self.tidings.tell(row, self._asked(row), f"{self.why}：{words}")
        self.fit(row, words, opens=True)

    def remove(self, row: Deliverable) -> None:
        """A deliverable no longer asked."""
        row.withdrawn_at, row.next_open_on = self.now, None
        for obligation in self._rows(row):
            if obligation.state is ObligationState.OWED:
                self._withdraw(obligation)
        self._keep_received(row, frozenset())

    def fit(
        self,
        row: Deliverable,
        words: str,
        *,
        opens: bool,
        redates: bool = True,
        heard: bool = False,
        was: Coming | None = None,
    ) -> None:
        """Bring the open rows of a deliverable to what it says now.

        `heard`: whoever still owes hears of it even where no row of theirs changes. `was`: what
        was coming before; whatever comes beside that is new.
        """
        asked = self._asked(row)
        current = current_period(row, self.today, self.cal)
        for obligation in self._rows(row):
            is_asked = obligation.respondent_id in asked
            self._fit_row(obligation, is_asked, current, words, redates, heard)
        for obligation in self._keep_received(row, asked):
            self.report.in_part += 1
            if heard:
                self._tell_due(obligation, words)
        if opens and not self._is_over(row):
            row.next_open_on = first_opening(row, self.today, self.cal)
            self._ask_anew(row, words, was)

    def coming(self, row: Deliverable) -> Coming:
        """What comes next as the deliverable stands."""
        return coming(self.session, row, self.now, self.cal)

    def _asked(self, row: Deliverable) -> frozenset[int]:
        return frozenset(self.session.scalars(respondents(row.id, self.today)))

    def _ask_anew(self, row: Deliverable, words: str, was: Coming | None) -> None:
        """Whoever will owe a row that would not have come hears of it, and is listed."""
        comes = self.coming(row)
        new = comes.beside(was or NOTHING)
        if not new or comes.opens_on is None:
            return
        mine = select(Obligation.respondent_id).where(Obligation.deliverable_id == row.id)
        known = new.intersection(self.session.scalars(mine))
        first = words if was is None else f"新增“{row.what}”"
        self.tidings.tell(row, known, f"{self.why}：{words}", comes.due)
        self.tidings.tell(row, new - known, f"{self.why}：{first}", comes.due)
        names = tuple(names_of(self.session, new))
        self.report.to_open.append(Asked(row.key, row.what, comes.opens_on, names))

    def _rows(self, row: Deliverable) -> list[Obligation]:
        """Rows not yet received, and those withdrawn before."""
        return list(
            self.session.scalars(
                select(Obligation)
                .where(
                    Obligation.deliverable_id == row.id,
                    Obligation.state.in_(OPEN),
                    Obligation.received == 0,
                )
                .order_by(Obligation.id)
            )
        )

    def _fit_row(
        self,
        obligation: Obligation,
        asked: bool,
        current: Period | None,
        words: str,
        redates: bool,
        heard: bool,
    ) -> None:
        withdrawn = obligation.state is ObligationState.WITHDRAWN
        if not asked:
            if not withdrawn:
                self._withdraw(obligation)
            return
        if obligation.due is not None and obligation.due < self.today:
            self.report.overdue += int(not withdrawn)
            return
        cycle = obligation.deliverable.cycle
        if withdrawn and cycle in OPENED_BY_OFFICE and cycle not in BEGIN_WITH_A_ROW:
            return
        if cycle in REPEATING and (current is None or obligation.period != current.key):
            if not withdrawn:
                self._withdraw(obligation)
            return
        number, obligation.asked = obligation.asked, obligation.deliverable.asked_min
        if withdrawn:
            self._ask_again(obligation, current, words)
            return
        if number != obligation.asked:
            self._tell_due(obligation, f"{words}，应报由 {number} 件改为 {obligation.asked} 件")
        elif heard:
            self._tell_due(obligation, words)
        if redates and cycle not in OPENED_BY_OFFICE:
            self._redate(obligation, current, words)

    def _withdraw(self, obligation: Obligation) -> None:
        withdraw(self.session, obligation, self.by, self.why, self.now)
        self.report.withdrawn.append(title(obligation))
        words = f"{self.why}：不再要求“{obligation.deliverable.what}”"
        self.tidings.tell(obligation.deliverable, {obligation.respondent_id}, words)

    def _ask_again(self, obligation: Obligation, current: Period | None, words: str) -> None:
        dates = dates_of(obligation, current, self.now, self.cal)
        if dates is not None and dates.due < self.today:
            return
        ask_again(self.session, obligation, dates, self.by, self.why, self.now, self.cal)
        self.report.asked_again.append(title(obligation))
        self._tell_due(obligation, words)

    def _redate(self, obligation: Obligation, current: Period | None, words: str) -> None:
        dates = dates_of(obligation, current, self.now, self.cal)
        what = obligation.deliverable.what
        if dates is None:
            if obligation.due is not None:
                raise Refused(
                    f"“{what}”已经定了期限（{obligation.due}），不能改回待定；请写明期限。"
                )
            return
        if dates.due == obligation.due or self._is_extended(obligation):
            return
        if dates.due < self.today:
            raise Refused(
                f"“{what}”的新期限 {dates.due} 已经过去，还有单位没有报；请写今天以后的日期。"
            )
        self.move_to(obligation, dates, words)

    def move_to(self, obligation: Obligation, dates: Dates, words: str) -> None:
        """Another date for one row."""
        self.report.redated.append(DateChange(title(obligation), obligation.due, dates.due))
        redate(self.session, obligation, dates, self.by, self.why, self.now, self.cal)
        self._tell_due(obligation, words)

    def _is_extended(self, obligation: Obligation) -> bool:
        """More time was granted: that stands, whatever the plan says."""
        granted = select(Extension.id).where(
            Extension.obligation_id == obligation.id,
            Extension.outcome == ExtensionOutcome.GRANTED,
        )
        return self.session.scalar(granted.limit(1)) is not None

    def _tell_due(self, obligation: Obligation, words: str) -> None:
        row, whom = obligation.deliverable, {obligation.respondent_id}
        self.tidings.tell(row, whom, f"{self.why}：{words}", obligation.due)

    def _keep_received(self, row: Deliverable, asked: frozenset[int]) -> list[Obligation]:
        """What has been received, and is not past or still takes a hand-in, is not withdrawn.

        Returns those of it that are not past and go on owing.
        """
        unlocked = or_(Obligation.lock_at.is_(null()), Obligation.lock_at > self.now)
        still_asked = and_(Obligation.state.in_(TAKES_HAND_IN), unlocked)
        not_past = func.coalesce(Obligation.due, self.today) >= self.today
        given = self.session.scalars(
            select(Obligation)
            .where(
                Obligation.deliverable_id == row.id,
                or_(Obligation.state.in_(GIVEN), Obligation.received > 0),
                or_(not_past, still_asked),
            )
            .order_by(Obligation.id)
        ).all()
        lost = [obligation for obligation in given if obligation.respondent_id not in asked]
        if lost:
            raise Refused(self._cannot_lose(lost))
        self.report.kept += len(given)
        return [
            obligation
            for obligation in given
            if obligation.state in TAKES_HAND_IN
            and (obligation.due is None or obligation.due >= self.today)
        ]

    def _cannot_lose(self, lost: Sequence[Obligation]) -> str:
        past = [row for row in lost if row.due is not None and row.due < self.today]
        if past:
            return (
                f"“{title(past[0])}”等 {len(past)} 件收到过报送、还没有办结，不能撤销；"
                "请等补报齐全并收下，或先免报（duban submission exempt），再修订方案。"
            )
        return (
            f"“{title(lost[0])}”等 {len(lost)} 件已经收到报送，不能撤销；"
            "请保留这些事项和单位，或只改以后的时间（until）。"
        )

    def _is_over(self, row: Deliverable) -> bool:
        """A one-off whose date has passed opens no more rows."""
        due = row.due_on if row.cycle is Cycle.ONCE else None
        return due is not None and due < self.today
