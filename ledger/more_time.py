"""Asking for more time and deciding on it (延期); undecided, a request lapses."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ledger.audit import PLAN, Act, Actor, record
from ledger.clocks import rearm
from ledger.deadlines import Clock, Deadline
from ledger.errors import Refused
from ledger.extensions import EXTENSION_MOVES, Extension, ExtensionOutcome
from ledger.keys import key
from ledger.messages import ItemKind
from ledger.obligations import TAKES_HAND_IN, Obligation
from ledger.obligations import about as about_obligation
from ledger.obligations import title as obligation_title
from ledger.problems import CLOCK_RUNS, Problem
from ledger.recipients import office
from ledger.rectification import about as about_problem
from ledger.rectification import title as problem_title
from ledger.redating import extend_obligation
from ledger.states import move
from ledger.telling import News, tell_with_the_round, told_of
from ledger.units import Post
from ledger.workdays import WorkCalendar

Subject = Obligation | Problem


def ask_extension(
    session: Session,
    subject: Subject,
    by: Post,
    actor: Actor,
    new_due: date,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
) -> Extension:
    """Ask for more time: before due, with a reason. Does not stop the clock."""
    deadline = _running_deadline(session, subject)
    _check_request(subject, deadline, new_due, reason, now, cal)
    earlier = select(func.count(Extension.id)).where(*_of(subject))
    pending = select(Extension.id).where(
        *_of(subject), Extension.outcome == ExtensionOutcome.PENDING
    )
    if session.scalar(pending.limit(1)) is not None:
        raise Refused(f"“{_title(subject)}”已有一份延期申请待批，请先等批复。")
    extension = Extension(
        obligation_id=subject.id if isinstance(subject, Obligation) else None,
        problem_id=subject.id if isinstance(subject, Problem) else None,
        nth=(session.scalar(earlier) or 0) + 1,
        reason=reason,
        old_due=deadline.due,
        new_due=new_due,
        asked_at=now,
        asked_by_id=by.id,
        lapses_at=cal.end_of(deadline.due),
        outcome=ExtensionOutcome.PENDING,
    )
    session.add(extension)
    session.flush()
    note = f"第 {extension.nth} 次申请，由 {deadline.due} 延至 {new_due}：{reason}"
    record(session, actor, Act.EXTENSION, now, **_about(subject), note=note)
    why = f"“{_title(subject)}”{note}，请在 {deadline.due} 前批复"
    news = News(ItemKind.ACT, key("asked", extension.id), why, _item_about(subject, deadline))
    tell_with_the_round(session, news, office(session, cal.local_day(now)), now)
    return extension


def _check_request(
    subject: Subject,
    deadline: Deadline,
    new_due: date,
    reason: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    if not reason.strip():
        raise Refused("申请延期要写明理由。")
    if now >= cal.end_of(deadline.due):
        raise Refused(f"“{_title(subject)}”期限 {deadline.due} 已过；延期要在期限之前申请。")
    if new_due <= deadline.due:
        raise Refused(f"新的期限要晚于现在的期限（{deadline.due}）。")


def decide_extension(
    session: Session,
    extension: Extension,
    by: Actor,
    granted: bool,
    note: str,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    """Grant or refuse. Granted: due moves, the old date stays beside it, rungs fire afresh."""
    subject = subject_of(extension)
    if extension.lapses_at is not None and extension.lapses_at <= now:
        raise Refused(f"“{_title(subject)}”的延期申请已逾期失效，不能再批。")
    if granted and not _still_open(subject):
        raise Refused(f"“{_title(subject)}”现在是“{subject.state}”，不用再延期；可以不同意。")
    target = ExtensionOutcome.GRANTED if granted else ExtensionOutcome.REFUSED
    _conclude(extension, target, now)
    extension.decided_by_id = by.post.id if by.post else None
    extension.note = note
    deadline = _deadline(session, subject)
    if granted:
        _move_due(session, subject, deadline, extension.new_due, now, cal)
    words = f"第 {extension.nth} 次延期{target}" + (
        f"，期限由 {extension.old_due} 改为 {extension.new_due}" if granted else ""
    )
    record(session, by, Act.EXTENSION, now, **_about(subject), note=f"{words}；{note}")
    asker = session.get_one(Post, extension.asked_by_id)
    why = f"“{_title(subject)}”{words}"
    news = News(ItemKind.EXTENDED, key("ext", extension.id), why, _item_about(subject, deadline))
    tell_with_the_round(session, news, [asker, *told_of(session, deadline)], now)


def _move_due(
    session: Session,
    subject: Subject,
    deadline: Deadline,
    due: date,
    now: datetime,
    cal: WorkCalendar,
) -> None:
    if isinstance(subject, Obligation):
        extend_obligation(session, subject, due, now, cal)
        return
    subject.due = due
    rearm(session, deadline, due, now, cal)


def lapse_one_batch(session: Session, now: datetime, cal: WorkCalendar, batch: int) -> bool:
    """Undecided requests lapse at 24:00 of the old due date; False when none did."""
    rows = session.scalars(
        select(Extension).where(Extension.lapses_at <= now).order_by(Extension.id).limit(batch)
    ).all()
    for extension in rows:
        subject, at = subject_of(extension), extension.lapses_at or now
        _conclude(extension, ExtensionOutcome.LAPSED, at)
        words = f"第 {extension.nth} 次延期申请到期未批，已失效"
        record(session, PLAN, Act.EXTENSION, at, **_about(subject), note=words)
        asker = session.get_one(Post, extension.asked_by_id)
        about = _item_about(subject, _deadline(session, subject))
        news = News(
            ItemKind.LAPSED, key("lapse", extension.id), f"“{_title(subject)}”{words}", about
        )
        tell_with_the_round(session, news, [asker, *office(session, cal.local_day(now))], now)
    return bool(rows)


def _conclude(extension: Extension, target: ExtensionOutcome, at: datetime) -> None:
    extension.outcome = move("延期申请", extension.outcome, target, EXTENSION_MOVES)
    extension.decided_at = at
    extension.lapses_at = None


def subject_of(extension: Extension) -> Subject:
    """The obligation or the problem the request is about."""
    subject = extension.obligation or extension.problem
    assert subject is not None
    return subject


def _still_open(subject: Subject) -> bool:
    if isinstance(subject, Obligation):
        return subject.state in TAKES_HAND_IN
    return subject.state in CLOCK_RUNS


def _of(subject: Subject) -> tuple[ColumnElement[bool]]:
    if isinstance(subject, Obligation):
        return (Extension.obligation_id == subject.id,)
    return (Extension.problem_id == subject.id,)


def _deadline(session: Session, subject: Subject) -> Deadline:
    column = Deadline.obligation_id if isinstance(subject, Obligation) else Deadline.problem_id
    deadline = session.scalar(select(Deadline).where(column == subject.id))
    if deadline is None:
        raise Refused(f"“{_title(subject)}”还没有期限，不用申请延期。")
    return deadline


def _running_deadline(session: Session, subject: Subject) -> Deadline:
    deadline = _deadline(session, subject)
    if deadline.clock is not Clock.RUNNING:
        raise Refused(f"“{_title(subject)}”现在不在计时，不用申请延期。")
    return deadline


def _title(subject: Subject) -> str:
    return obligation_title(subject) if isinstance(subject, Obligation) else problem_title(subject)


def _about(subject: Subject) -> dict[str, object]:
    return about_obligation(subject) if isinstance(subject, Obligation) else about_problem(subject)


def _item_about(subject: Subject, deadline: Deadline) -> dict[str, object]:
    return {**_about(subject), "deadline_id": deadline.id, "due": deadline.due}
