"""Taking what units hand in (报送), releasing them (免报), asking once more after an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ledger.audit import Act, Actor, record
from ledger.campaigns import CampaignState, Deliverable
from ledger.clocks import end_clock, stop_clock
from ledger.entries import write_obligations
from ledger.errors import NotFound, Refused
from ledger.keys import key
from ledger.messages import ItemKind, MessageKind
from ledger.obligations import (
    OBLIGATION_MOVES,
    TAKES_HAND_IN,
    Obligation,
    ObligationState,
    about,
    title,
)
from ledger.opening import Opening, lock_on, one_off_due
from ledger.periods import OPENED_BY_OFFICE
from ledger.redating import deadline_of
from ledger.releasing import release
from ledger.respondents import EVERYONE
from ledger.roles import Role
from ledger.states import move
from ledger.submissions import Outcome, StoredFile, Submission
from ledger.telling import News, tell_one_at_once
from ledger.units import Post, Respondent
from ledger.workdays import WorkCalendar

AT_ONCE = 1_000_000
"""Rows an event may open in its one transaction before they are cut."""

REVIEW_DAYS = 5
"""Working days a submission may wait for review before the office is reminded."""


@dataclass(frozen=True)
class HandedFile:
    """A file already stored under its sha256, named as the sender named it; size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class HandIn:
    """What is handed in. `count` is how many of the quota it fulfils."""

    text: str = ""
    files: Sequence[HandedFile] = ()
    count: int = 1
    channel: str = "desk"
    on_behalf_why: str | None = None


def hand_in(
    session: Session,
    obligation: Obligation,
    by: Post,
    given: HandIn,
    actor: Actor,
    now: datetime,
    cal: WorkCalendar,
) -> Submission:
    """Take a submission. First receipt (with a quota: the quota reached) decides "on time".

    Raises Refused after the lock, when nothing is owed, when it is empty, or when another unit
    hands in without saying why.
    """
    _check_hand_in(obligation, by, given, now)
    reviewed = obligation.deliverable.reviewed
    submission = Submission(
        obligation_id=obligation.id,
        version=_next_version(session, obligation),
        received_at=now,
        count=given.count,
        text=given.text,
        channel=given.channel,
        by_post_id=by.id,
        on_behalf_why=given.on_behalf_why,
        outcome=Outcome.PENDING if reviewed else Outcome.RECORDED,
        files=[StoredFile(name=f.name, sha256=f.sha256, size=f.size) for f in given.files],
    )
    session.add(submission)
    obligation.received += given.count
    if obligation.received >= obligation.asked:
        _quota_reached(session, obligation, now, cal, reviewed=reviewed)
    session.flush()
    record(session, actor, Act.RECEIVED, now, **about(obligation), note=_note(by, given))
    _send_receipt(session, submission, by, now, cal)
    return submission


def _check_hand_in(obligation: Obligation, by: Post, given: HandIn, now: datetime) -> None:
    name = title(obligation)
    if obligation.state is ObligationState.MISSED or is_locked(obligation, now):
        raise Refused(f"“{name}”已经锁定（未报），不再接收；请与活动办联系。")
    if obligation.state not in TAKES_HAND_IN:
        raise Refused(f"“{name}”现在是“{obligation.state}”，不用再报；要更正请活动办先退回。")
    if not given.text.strip() and not given.files:
        raise Refused("报送内容是空的；请写明文字或附上文件。")
    if given.count < 1:
        raise Refused("一次报送的数量至少是 1。")
    if not is_own(obligation.respondent, by) and not given.on_behalf_why:
        raise Refused(f"{by.person.name}不属于“{obligation.respondent.name}”，代报请写明理由。")


def is_locked(obligation: Obligation, now: datetime) -> bool:
    """The lock's moment has come, whether or not a round has marked it yet."""
    return obligation.lock_at is not None and obligation.lock_at <= now


def is_own(respondent: Respondent, post: Post) -> bool:
    """The post belongs to the respondent: one of the unit's posts, or the post itself."""
    if respondent.post_id is not None:
        return post.person_id in (respondent.post.person_id, respondent.post.deputy_id)  # type: ignore[union-attr]
    return post.unit_id == respondent.unit_id and post.role in (Role.CONTACT, Role.HEAD)


def _quota_reached(
    session: Session, obligation: Obligation, now: datetime, cal: WorkCalendar, *, reviewed: bool
) -> None:
    obligation.first_received_at = obligation.first_received_at or now
    target = ObligationState.SUBMITTED if reviewed else ObligationState.ACCEPTED
    obligation.state = move(f"“{title(obligation)}”", obligation.state, target, OBLIGATION_MOVES)
    obligation.lock_at = None
    deadline = deadline_of(session, obligation)
    if reviewed:
        waits_until = cal.shift(cal.local_day(now), REVIEW_DAYS)
        obligation.review_at = cal.start_of(waits_until)
        if deadline is not None:
            stop_clock(deadline, now)
        return
    obligation.accepted_at = obligation.accepted_at or now
    if deadline is not None:
        end_clock(deadline)


def _next_version(session: Session, obligation: Obligation) -> int:
    last = session.scalar(
        select(func.max(Submission.version)).where(Submission.obligation_id == obligation.id)
    )
    return (last or 0) + 1


def _note(by: Post, given: HandIn) -> str:
    return f"{by.person.name}代报：{given.on_behalf_why}" if given.on_behalf_why else ""


def _send_receipt(
    session: Session, submission: Submission, by: Post, now: datetime, cal: WorkCalendar
) -> None:
    obligation = submission.obligation
    why = f"已收到“{title(obligation)}”第 {submission.version} 稿"
    news = News(ItemKind.ACT, key("submission", submission.id), why, about(obligation))
    tell_one_at_once(session, MessageKind.RECEIPT, news, by, now, cal)


def exempt(session: Session, obligation: Obligation, by: Actor, reason: str, now: datetime) -> None:
    """Release a respondent (免报), with a reason; a past rate never changes by it."""
    if not reason.strip():
        raise Refused("免报要写明理由。")
    if is_locked(obligation, now):
        raise Refused(f"“{title(obligation)}”已经锁定（未报），不能再免报。")
    release(session, obligation, ObligationState.EXEMPT, now)
    record(session, by, Act.EXEMPTED, now, **about(obligation), note=reason)


def open_event(
    session: Session, deliverable: Deliverable, by: Actor, now: datetime, cal: WorkCalendar
) -> str:
    """Ask once more what the office opens turn by turn; returns the period word of the new rows."""
    if deliverable.cycle not in OPENED_BY_OFFICE:
        raise Refused(f"“{deliverable.what}”不是随事、定期或不定期的事项，不用手工开立。")
    if deliverable.withdrawn_at is not None:
        raise Refused(f"“{deliverable.what}”已由后来的方案撤去，不能再开立。")
    if deliverable.campaign.state is not CampaignState.RUNNING:
        raise Refused(f"活动“{deliverable.campaign.short}”{deliverable.campaign.state}，不能开立。")
    periods = select(func.count(func.distinct(Obligation.period))).where(
        Obligation.deliverable_id == deliverable.id
    )
    period = f"event-{(session.scalar(periods) or 0) + 1}"
    due = one_off_due(deliverable, cal.local_day(now), cal)
    opening = Opening(deliverable, period, due, lock_on(due, None, cal) if due else None)
    everyone = EVERYONE.spans(session, AT_ONCE)
    if not sum(write_obligations(session, opening, span, now, cal) for span in everyone):
        raise NotFound(f"“{deliverable.what}”现在没有应报的单位。")
    record(session, by, Act.ASSIGNED, now, campaign_id=deliverable.campaign_id, note=period)
    return period
