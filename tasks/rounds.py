"""Steps of the clock: the round at given moments, the nightly self-audit and its heartbeat."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import datetime
from functools import partial

import httpx
from sqlalchemy import func, select

from config.settings import read_settings
from ledger.messages import Round, WeeklyList, WeeklyRound
from ledger.round import run_round
from ledger.self_audit import find_gaps, report_gaps
from ledger.standings import Fire, fires
from ledger.storm import Brake
from tasks.events import emit_list, emit_rungs
from tasks.ledger import calendar, calendar_in, database, step

HEARTBEAT_SECONDS = 10
"""How long the heartbeat's address may take to answer."""

Around = Callable[[datetime, Callable[[], None]], None]


def only_the_round(_moment: datetime, run: Callable[[], None]) -> None:
    """In earnest nothing plays around a round: people do what they do."""
    run()


AROUND: ContextVar[Around] = ContextVar("around", default=only_the_round)
"""What plays around each round; the demo lets its players act there."""


@step("日程轮")
def run_rounds(moments: Sequence[datetime]) -> list[int]:
    """Run the round at each moment, in order; the ids of the daily rounds sealed."""
    sealed: list[int] = []
    for moment in moments:
        AROUND.get()(moment, partial(_run_round, moment, sealed))
    return sealed


def _run_round(moment: datetime, sealed: list[int]) -> None:
    settings = read_settings()
    brake = Brake(settings.storm_times, settings.storm_least)
    with database().writing() as session:
        done = run_round(session, moment, calendar(settings), brake=brake)
        if done is not None:
            sealed.append(done.id)


def tell_of_rounds(round_ids: Sequence[int]) -> list[Fire]:
    """Emit the lists and rungs of these rounds as events; the rungs, for their table."""
    with database().reading() as session:
        found = fires(session, calendar_in(session), round_ids)
        lists = session.execute(
            select(WeeklyRound.iso_week, func.count(WeeklyList.id))
            .join(WeeklyList, WeeklyList.iso_week == WeeklyRound.iso_week)
            .where(WeeklyRound.round_id.in_(round_ids), WeeklyRound.skipped.is_(None))
            .group_by(WeeklyRound.iso_week)
        ).all()
        days = session.execute(select(Round.id, Round.day).where(Round.id.in_(round_ids))).all()
    for week, persons in lists:
        emit_list(week, persons)
    for _, day in days:
        emit_rungs(day.isoformat(), [fire for fire in found if fire.on == day])
    return found


@step("自查")
def look_for_gaps(now: datetime) -> list[str]:
    """What the self-audit finds; the office hears of it in its next daily message."""
    with database().writing() as session:
        cal = calendar_in(session)
        found = find_gaps(session, now, cal)
        if found:
            report_gaps(session, found, now, cal)
    return found


@step("心跳")
def beat(url: str) -> None:
    """Call the heartbeat's address; raises httpx.HTTPError when it does not answer well."""
    httpx.get(url, timeout=HEARTBEAT_SECONDS, follow_redirects=True).raise_for_status()
