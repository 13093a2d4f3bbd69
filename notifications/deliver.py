"""Delivering: claim what is ready, send it, write down what became of it.

A claim is committed before its message is sent, and no transaction is open while one is rendered
or sent. What a killed process left in sending is unknown: nobody can say whether it left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.database import Database
from config.settings import Settings
from ledger.calendars import calendar_of
from ledger.letters import NOTHING_LEFT, Letter
from ledger.messages import MessageState
from ledger.workdays import WorkCalendar
from notifications.channels import channel_for
from notifications.claims import Outcome, claim, conclude, give_up_stalled, postponed
from notifications.errands import RENDER_ERRORS, Errand, Unreadable, read_errands
from notifications.mail import Channel, ChannelDown, Mail, TransportError, Unclear
from notifications.notice import Notice
from notifications.rendering import Place, Rendered, render

PAUSES = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60))
"""How long a message waits after each passing error; after the last one it has failed."""

NO_ADDRESS = "没有可用的地址"
INTERRUPTED = "发送中断，不能确定是否已发出"


@dataclass
class Counts:
    """What one run did. `put_off` go again later; `stopped` says why the channel takes nothing."""

    sent: int = 0
    failed: int = 0
    skipped: int = 0
    unknown: int = 0
    put_off: int = 0
    stopped: str | None = None


def deliver(
    database: Database,
    settings: Settings,
    now: datetime | Callable[[], datetime],
    calendar: WorkCalendar,
    channel: Channel | None = None,
    limit: int | None = None,
) -> Counts:
    """Send what is ready and due to leave, at most `limit` messages; several may run at once.

    Outside office hours only kinds that leave at any hour are sent, and a digest only on the day
    of its round: left over, the next round takes it along.
    """
    ask = now if callable(now) else lambda: now
    way = channel or channel_for(settings)
    try:
        return Delivery(database, settings, ask, calendar, way).run(limit)
    finally:
        if channel is None:
            way.close()


class Delivery:
    """One run of `deliver`."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        ask: Callable[[], datetime],
        calendar: WorkCalendar,
        channel: Channel,
    ) -> None:
        self._database = database
        self._ask = ask
        self._calendar = calendar
        self._channel = channel
        self._place = Place(calendar.tz, settings.base_url)
        self._notices: dict[int, Notice] = {}
        self._counts = Counts()

    def run(self, limit: int | None) -> Counts:
        """Batch after batch until nothing is ready, the limit is reached or the channel is down."""
        with self._database.reading() as session:
            self._calendar = calendar_of(session, self._calendar)
        self._counts.unknown += give_up_stalled(self._database, self._ask(), INTERRUPTED)
        left = limit
        while self._counts.stopped is None and left != 0:
            size = self._channel.batch if left is None else min(left, self._channel.batch)
            claimed = claim(self._database, self._ask(), self._calendar, size)
            if claimed is None:
                break
            left = None if left is None else left - len(claimed)
            self._send_batch(claimed)
        return self._counts

    def _send_batch(self, claimed: Sequence[int]) -> None:
        """Send each; whatever happens, write down what became of those that were tried."""
        outcomes = dict.fromkeys(claimed, Outcome(MessageState.READY))
        try:
            errands = self._read(claimed)
            for id in claimed:
                if self._counts.stopped is not None:
                    break
                outcomes[id] = Outcome(MessageState.UNKNOWN, INTERRUPTED, tried=True)
                outcomes[id] = self._attempt(errands[id])
        finally:
            conclude(self._database, outcomes, self._ask())
            self._count(outcomes)

    def _read(self, ids: Sequence[int]) -> dict[int, Errand | Unreadable]:
        with self._database.reading() as session:
            return read_errands(session, ids, self._ask(), self._calendar, self._notices)

    def _attempt(self, errand: Errand | Unreadable) -> Outcome:
        if isinstance(errand, Unreadable):
            return _unreadable(errand.error)
        if not errand.letter.lines:
            return Outcome(MessageState.SKIPPED, NOTHING_LEFT)
        now = self._ask()
        try:
            words = render(errand.letter, now, self._place, errand.notice)
        except RENDER_ERRORS as error:
            return _unreadable(error)
        if not errand.address:
            return Outcome(MessageState.FAILED, NO_ADDRESS, words)
        try:
            self._channel.send(_mail(errand, errand.address, words, now))
        except TransportError as error:
            return self._not_sent(error, errand, words)
        return Outcome(MessageState.SENT, None, words, tried=True)

    def _not_sent(self, error: TransportError, errand: Errand, words: Rendered) -> Outcome:
        reason = str(error)
        if isinstance(error, Unclear):
            return Outcome(MessageState.UNKNOWN, f"{reason}，不能确定是否已发出", words, tried=True)
        if isinstance(error, ChannelDown):
            self._counts.stopped = reason
            return self._later(errand.letter, reason, PAUSES[0], tried=False)
        if error.permanent or errand.attempts >= len(PAUSES):
            return Outcome(MessageState.FAILED, reason, words, tried=True)
        return self._later(errand.letter, reason, PAUSES[errand.attempts], tried=True)

    def _later(self, letter: Letter, reason: str, pause: timedelta, *, tried: bool) -> Outcome:
        leaves_at = postponed(letter.kind, self._ask() + pause, self._calendar)
        return Outcome(MessageState.READY, reason, tried=tried, leaves_at=leaves_at)

    def _count(self, outcomes: dict[int, Outcome]) -> None:
        states = [outcome.state for outcome in outcomes.values()]
        self._counts.sent += states.count(MessageState.SENT)
        self._counts.failed += states.count(MessageState.FAILED)
        self._counts.skipped += states.count(MessageState.SKIPPED)
        self._counts.unknown += states.count(MessageState.UNKNOWN)
        self._counts.put_off += states.count(MessageState.READY)


def _unreadable(error: Exception) -> Outcome:
    """A message that cannot be put into words fails alone and never stops the rest."""
    reason = f"消息内容有误，排不出来（{type(error).__name__}: {error}），请告知系统管理员"
    return Outcome(MessageState.FAILED, reason)


def _mail(errand: Errand, address: str, words: Rendered, now: datetime) -> Mail:
    return Mail(
        id=errand.letter.message_id,
        key=errand.key,
        to_name=errand.letter.to,
        to_address=address,
        subject=words.subject,
        text=words.text,
        html=words.html,
        at=now,
        leaves_at=errand.leaves_at,
        attachments=errand.notice.attachments if errand.notice else (),
    )
