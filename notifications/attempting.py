"""One attempt to tell one person: rendered, and handed to the first way that takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from config.files import stored
from ledger.letters import NOTHING_LEFT
from ledger.messages import MessageKind, MessageState, Tried
from ledger.reaching import Way
from ledger.workdays import WorkCalendar
from notifications.claims import Dead, Outcome, Try, postponed
from notifications.errands import RENDER_ERRORS, Errand, Unreadable
from notifications.links import Links
from notifications.mail import (
    AddressDead,
    ChannelDown,
    Channels,
    Enclosure,
    Mail,
    TransportError,
    Unclear,
    WayClosed,
)
from notifications.outages import Outages
from notifications.rendering import Place, Rendered, render

PAUSES = tuple(timedelta(minutes=n) for n in (1, 5, 15, 60))
"""How long a message waits after each passing error; after the last one it has failed."""

AGAIN_AFTER = timedelta(minutes=5)
"""How long one waits that may have left, before it leaves once more."""

NO_ADDRESS = "没有可用的地址"
NOT_AGAIN = "曾不能确定是否已发出；再发前核对均已办结，不再发"
SENT_TWICE = "前一次不能确定是否已发出，已再发一次"


@dataclass
class Attempting:
    """Tries messages one after the other; a channel that takes nothing is left alone a while."""

    channels: Channels
    place: Place
    links: Links
    home: Path
    ask: Callable[[], datetime]
    calendar: WorkCalendar
    outages: Outages = field(default_factory=Outages)

    def may_try(self, errand: Errand | Unreadable) -> bool:
        """Whether it is worth claiming now, not to wait for a channel that is down."""
        if isinstance(errand, Unreadable):
            return True
        first = next(iter(self._ways(errand)), None)
        return first is None or not self.outages.down(first.channel, self.ask())

    @property
    def all_down(self) -> bool:
        """No channel takes anything."""
        now, kinds = self.ask(), self.channels.kinds
        return bool(kinds) and all(self.outages.down(kind, now) for kind in kinds)

    def attempt(self, errand: Errand | Unreadable) -> Outcome:
        """What becomes of a claimed message; it is not written down yet."""
        if isinstance(errand, Unreadable):
            return _unreadable(errand.error)
        if not errand.letter.lines:
            if errand.resends:
                return Outcome(MessageState.UNKNOWN, NOT_AGAIN)
            return Outcome(MessageState.SKIPPED, NOTHING_LEFT)
        now = self.ask()
        try:
            words = self._in_words(errand, now)
        except RENDER_ERRORS as error:
            return _unreadable(error)
        return self._send(errand, words, now)

    def _in_words(self, errand: Errand, now: datetime) -> Rendered:
        letter = errand.letter
        signed = {line.signs for line in letter.lines if line.signs is not None}
        return render(
            letter,
            now,
            self.place,
            errand.notice,
            self.links.url(letter.message_id) if letter.sign_by else None,
            {id: self.links.url(id) for id in signed},
        )

    def _ways(self, errand: Errand) -> list[Way]:
        """The person's addresses that can be used with what is set up here."""
        return [way for way in errand.ways if way.channel in self.channels.kinds]

    def _send(self, errand: Errand, words: Rendered, now: datetime) -> Outcome:
        """Way after way while each is dead, or has been tried often enough."""
        so_far = Outcome(MessageState.FAILED, NO_ADDRESS, words, stranded=True)
        for way in self._ways(errand):
            try:
                said = self.channels[way.channel].send(self._mail(errand, way, words, now))
            except AddressDead as error:
                so_far = _tried(so_far, way, Tried.REFUSED, error)
                dead = Dead(way.id, way.value, str(error))
                so_far = replace(so_far, dead=(*so_far.dead, dead))
            except WayClosed as error:
                so_far = _tried(so_far, way, Tried.REFUSED, error)
            except ChannelDown as error:
                self.outages.note(way.channel, str(error), now)
                so_far = replace(_tried(so_far, way, Tried.PUT_OFF, error), counts=False)
                return self._later(so_far, errand.letter.kind, str(error), PAUSES[0])
            except Unclear as error:
                return self._unclear(_tried(so_far, way, Tried.UNCLEAR, error), errand)
            except RENDER_ERRORS as error:  # a fault of ours: nobody knows how far it came
                fault = TransportError(f"发送时程序出错（{type(error).__name__}: {error}）")
                return self._unclear(_tried(so_far, way, Tried.UNCLEAR, fault), errand)
            except TransportError as error:
                so_far = _tried(so_far, way, Tried.PUT_OFF, error)
                if error.permanent:
                    return _refused(so_far)
                if errand.attempts < len(PAUSES):
                    pause = PAUSES[errand.attempts]
                    return self._later(so_far, errand.letter.kind, str(error), pause)
            else:
                self.outages.over(way.channel)
                return _sent(so_far, way, said, errand)
        return so_far

    def _mail(self, errand: Errand, way: Way, words: Rendered, now: datetime) -> Mail:
        return Mail(
            id=errand.letter.message_id,
            key=errand.key,
            to_name=errand.letter.to,
            to_address=way.value,
            subject=words.subject,
            text=words.text,
            html=words.html,
            at=now,
            leaves_at=errand.leaves_at,
            attachments=self._enclosures(errand),
            robot=words.robot,
            answers=errand.answers,
        )

    def _enclosures(self, errand: Errand) -> tuple[Enclosure, ...]:
        """The notice with its forms, or the files of what the office sends by hand."""
        files = errand.notice.attachments if errand.notice else ()
        told = errand.letter.announcement
        named = zip(told.digests, told.files, strict=True) if told else ()
        return (
            *(Enclosure(file, file.name) for file in files),
            *(Enclosure(stored(self.home, sha256), name) for sha256, name in named),
        )

    def _later(self, so_far: Outcome, kind: MessageKind, why: str, pause: timedelta) -> Outcome:
        leaves_at = postponed(kind, self.ask() + pause, self.calendar)
        return replace(
            so_far, state=MessageState.READY, reason=why, leaves_at=leaves_at, stranded=False
        )

    def _unclear(self, so_far: Outcome, errand: Errand) -> Outcome:
        """Should it leave again, it waits a little: the answer may have been lost in a crowd."""
        leaves_at = postponed(errand.letter.kind, self.ask() + AGAIN_AFTER, self.calendar)
        reason = f"{so_far.reason}，不能确定是否已发出"
        return replace(
            so_far, state=MessageState.UNKNOWN, reason=reason, leaves_at=leaves_at, stranded=False
        )


def _tried(so_far: Outcome, way: Way, outcome: Tried, error: TransportError) -> Outcome:
    one = Try(way.channel, way.value, outcome, str(error))
    return replace(so_far, reason=str(error), tries=(*so_far.tries, one), counts=True)


def _sent(so_far: Outcome, way: Way, said: str, errand: Errand) -> Outcome:
    one = Try(way.channel, way.value, Tried.SENT, said)
    reason = SENT_TWICE if errand.resends else None
    return replace(
        so_far,
        state=MessageState.SENT,
        reason=reason,
        tries=(*so_far.tries, one),
        counts=True,
        stranded=False,
    )


def _refused(so_far: Outcome) -> Outcome:
    """The mail itself is refused: it would be anywhere, so it is not carried on to another."""
    *before, last = so_far.tries
    refused = replace(last, outcome=Tried.REFUSED)
    return replace(so_far, tries=(*before, refused), stranded=False)


def _unreadable(error: Exception) -> Outcome:
    """A message that cannot be put into words fails alone and never stops the rest."""
    reason = f"消息内容有误，排不出来（{type(error).__name__}: {error}），请告知系统管理员"
    return Outcome(MessageState.FAILED, reason)
