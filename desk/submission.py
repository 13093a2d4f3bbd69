"""duban submission: hand in, review, release, ask after an event, look."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TypedDict, Unpack

import click
from sqlalchemy import ColumnElement

from desk.filestore import parcel
from desk.speech import Answer, table
from desk.workplace import Desk
from ledger.campaigns import Campaign
from ledger.finding import (
    find_campaign,
    find_deliverable,
    find_obligation,
    find_respondent,
    find_unit,
    owing_post,
    owing_unit,
)
from ledger.intake import HandIn, exempt, hand_in, open_event
from ledger.obligations import TAKES_HAND_IN, Obligation, ObligationState
from ledger.queries import ObligationRow, obligation_rows, of_unit, overdue_obligations
from ledger.review import accept, send_back
from ledger.submissions import Submission
from ledger.titles import obligation_title, period_name

SUBMITTED = (ObligationState.SUBMITTED,)
MAY_GO_BACK = (ObligationState.SUBMITTED, ObligationState.ACCEPTED)
MAY_BE_RELEASED = (*TAKES_HAND_IN, ObligationState.SUBMITTED)


class Whose(TypedDict):
    """Which obligation is meant, as typed."""

    slug: str
    item: str
    unit: str | None
    respondent: str | None
    period: str | None


HEADINGS = {
    "id": "号",
    "item": "事项",
    "what": "内容",
    "unit": "报送主体",
    "period_name": "期",
    "due": "期限",
    "state": "状态",
    "received": "已报",
    "asked": "应报",
    "first_received_at": "首次收到",
    "days_late": "逾期天数",
}


def hand_in_one(
    desk: Desk,
    text: str,
    files: Sequence[Path],
    count: int,
    on_behalf: str | None,
    **whose: Unpack[Whose],
) -> Answer:
    """Hand in; files are kept before the row that names them, and gone again if it fails."""
    obligation = one(desk, TAKES_HAND_IN, **whose)
    # Copying may take a while; nobody else should have to wait for it.
    desk.session.commit()
    settings = desk.settings
    with parcel(desk.session, settings.home, settings.max_file_bytes, files) as taken:
        given = HandIn(text, taken.files, count, on_behalf_why=on_behalf)
        desk.session.refresh(obligation)
        submission = hand_in(
            desk.session, obligation, desk.post, given, desk.actor, desk.now, desk.calendar
        )
        taken.place()
        desk.session.commit()
    row = _row(desk, obligation)
    words = f"已收到“{named(obligation)}”第 {submission.version} 稿，{_progress(obligation)}。"
    return Answer({**vars(row), "submission": _plain(submission)}, [words])


def _progress(obligation: Obligation) -> str:
    if obligation.received < obligation.asked:
        return f"已报 {obligation.received} 件，应报 {obligation.asked} 件"
    return f"现在是“{obligation.state}”"


def _plain(submission: Submission) -> dict[str, object]:
    return {
        "id": submission.id,
        "version": submission.version,
        "received_at": submission.received_at,
        "count": submission.count,
        "outcome": submission.outcome,
        "on_behalf_why": submission.on_behalf_why,
        "files": [
            {"name": file.name, "sha256": file.sha256, "size": file.size}
            for file in submission.files
        ],
    }


def accept_one(desk: Desk, **whose: Unpack[Whose]) -> Answer:
    """Take what was handed in as done."""
    obligation = one(desk, SUBMITTED, **whose)
    accept(desk.session, obligation, desk.actor, desk.now)
    return _done(desk, obligation, "已收下")


def send_back_one(desk: Desk, reason: str, **whose: Unpack[Whose]) -> Answer:
    """Send back for correction."""
    obligation = one(desk, MAY_GO_BACK, **whose)
    send_back(desk.session, obligation, desk.actor, reason, desk.now, desk.calendar)
    return _done(desk, obligation, f"已退回，请于 {obligation.correction_due} 前改正")


def exempt_one(desk: Desk, reason: str, **whose: Unpack[Whose]) -> Answer:
    """Release from an obligation."""
    obligation = one(desk, MAY_BE_RELEASED, **whose)
    exempt(desk.session, obligation, desk.actor, reason, desk.now)
    return _done(desk, obligation, "已免报")


def open_for_event(desk: Desk, slug: str, item: str) -> Answer:
    """Ask an event-bound deliverable once more."""
    deliverable = find_deliverable(desk.session, find_campaign(desk.session, slug), item)
    period = open_event(desk.session, deliverable, desk.actor, desk.now, desk.calendar)
    mine = (Obligation.deliverable_id == deliverable.id, Obligation.period == period)
    rows = obligation_rows(desk.session, desk.today, desk.calendar, mine)
    words = f"“{deliverable.what}”{period_name(period)}已开立，{len(rows)} 个报送主体。"
    return Answer({"period": period, "obligations": rows}, [words])


def show_all(
    desk: Desk, campaign: str | None, unit: str | None, state: str | None, overdue: bool
) -> Answer:
    """The obligations, narrowed down."""
    where: list[ColumnElement[bool]] = []
    if campaign:
        where.append(Campaign.id == find_campaign(desk.session, campaign).id)
    if unit:
        where.append(of_unit(find_unit(desk.session, unit)))
    if state:
        where.append(Obligation.state == ObligationState(state))
    if overdue:
        where.append(overdue_obligations(desk.today))
    rows = obligation_rows(desk.session, desk.today, desk.calendar, where)
    return Answer(rows, [table(rows, HEADINGS), f"共 {len(rows)} 件。"])


def one(desk: Desk, wanted: Collection[ObligationState], **whose: Unpack[Whose]) -> Obligation:
    """The obligation a command is about; by default of whom the acting post answers for."""
    if whose["unit"] and whose["respondent"]:
        raise click.UsageError("--unit 和 --respondent 只写一个。")
    campaign = find_campaign(desk.session, whose["slug"])
    deliverable = find_deliverable(desk.session, campaign, whose["item"])
    if word := whose["respondent"]:
        who = find_respondent(desk.session, word)
    elif word := whose["unit"]:
        who = owing_unit(desk.session, deliverable, find_unit(desk.session, word))
    else:
        who = owing_post(desk.session, deliverable, desk.post)
    return find_obligation(desk.session, deliverable, who, wanted, desk.now, whose["period"])


def named(obligation: Obligation) -> str:
    """What people read."""
    return obligation_title(
        obligation.respondent.name, obligation.deliverable.what, obligation.period
    )


def _done(desk: Desk, obligation: Obligation, words: str) -> Answer:
    return Answer(_row(desk, obligation), [f"“{named(obligation)}”{words}。"])


def _row(desk: Desk, obligation: Obligation) -> ObligationRow:
    desk.session.flush()
    mine = (Obligation.id == obligation.id,)
    return obligation_rows(desk.session, desk.today, desk.calendar, mine)[0]
