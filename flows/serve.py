"""`python -m flows serve`: carries out decisions, delivers messages, and keeps Prefect in step.

Three loops that do not wait for each other. Decisions and messages need the ledger alone, so they
go on while Prefect's server is away; the Prefect side begins again when it is back.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable, Collection
from functools import partial

import anyio
from prefect.client.orchestration import get_client
from prefect.runner import Runner
from sqlalchemy import null, select

from config import clock
from config.database import BUSY_OR_AWAY, Database
from config.schema import check_schema
from config.settings import Settings
from flows.keeper import Keeper
from ledger.calendars import calendar_of
from ledger.campaigns import Decision
from ledger.stages import carry_out_all
from ledger.standings import CampaignStanding, open_campaigns
from ledger.workdays import WorkCalendar
from notifications.deliver import deliver
from notifications.outages import Outages
from tasks.ledger import calendar

EVERY = 2.0
"""Seconds between two looks at the ledger."""

KEEP_UP_EVERY = 6.0
"""Seconds between two passes over Prefect's display when the ledger has not moved."""

AGAIN_AFTER = 5.0
"""Seconds before the Prefect side begins again after a failure."""

log = logging.getLogger("duban.serve")


def serve(settings: Settings) -> bool:
    """Serve until SIGINT or SIGTERM; False when a loop broke instead and took the others along.

    Raises SchemaError when the database stands at another version.
    """
    database, cal = Database(settings.database_url), calendar(settings)
    check_schema(database.engine)
    asked, stop = threading.Event(), threading.Event()

    def ask(*_: object) -> None:
        asked.set()
        stop.set()

    signal.signal(signal.SIGINT, ask)
    signal.signal(signal.SIGTERM, ask)
    deliver_once = partial(
        deliver, database, settings, clock.now, cal, stop=stop.is_set, outages=Outages()
    )
    works = {
        "decisions": partial(repeat, partial(carry_out_waiting, database, cal), stop),
        "delivery": partial(repeat, deliver_once, stop),
        "prefect": partial(show_until, stop, database),
    }
    loops = [threading.Thread(name=name, target=work) for name, work in works.items()]
    for loop in loops:
        loop.start()
    log.info("督办服务已启动，按 Ctrl-C 停止")
    for loop in loops:
        loop.join()
    database.close()
    log.info("督办服务已停止")
    return asked.is_set()


def repeat(work: Callable[[], object], stop: threading.Event) -> None:
    """Do the work every two seconds until `stop`; a database busy or away is waited for."""
    try:
        while not stop.wait(EVERY):
            try:
                work()
            except BUSY_OR_AWAY as error:
                log.warning("数据库暂时不可用，稍后再试：%s", error.orig)
    finally:
        stop.set()


def carry_out_waiting(database: Database, cal: WorkCalendar) -> None:
    """Carry out what the office has decided; without decisions nothing is locked."""
    waiting = select(Decision.id).where(Decision.carried_out_at.is_(null())).limit(1)
    with database.reading() as session:
        if session.scalar(waiting) is None:
            return
    with database.writing() as session:
        carry_out_all(session, clock.now(), calendar_of(session, cal))


def show_until(stop: threading.Event, database: Database) -> None:
    """Keep the Prefect side alive until `stop`, however often it fails."""
    while not stop.is_set():
        try:
            asyncio.run(show(stop, database))
        # Broad on purpose: Prefect is the display, and whatever befalls it, of whatever kind, must
        # not stop decisions and messages. It is said out loud and begun again.
        except Exception as error:
            log.warning("连不上 Prefect 服务器，%d 秒后再试：%s", AGAIN_AFTER, _short(error))
            stop.wait(AGAIN_AFTER)


def _short(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__} {error}".strip()


async def show(stop: threading.Event, database: Database) -> None:
    """One life of the Prefect side: a runner for flow runs, and passes that keep it up."""
    runner = Runner(name="duban", query_seconds=EVERY, pause_on_shutdown=False)
    async with get_client() as client:
        keeper = Keeper(runner, client, partial(_campaigns, database))
        await keeper.bury_the_dead()
        await keeper.keep_up()
        async with anyio.create_task_group() as group:
            group.start_soon(runner.start)
            await _keep_up(stop, keeper, database)
            await runner.astop()


async def _keep_up(stop: threading.Event, keeper: Keeper, database: Database) -> None:
    """A pass as soon as a campaign has moved, and every few seconds for what Prefect changed."""
    seen, at = None, time.monotonic()
    while not stop.is_set():
        await anyio.sleep(EVERY)
        campaigns = await anyio.to_thread.run_sync(_campaigns, database, ())
        moved = {standing.slug: standing.moves for standing in campaigns}
        if moved != seen or time.monotonic() - at > KEEP_UP_EVERY:
            await keeper.keep_up()
            seen, at = moved, time.monotonic()


def _campaigns(database: Database, also: Collection[str]) -> list[CampaignStanding]:
    with database.reading() as session:
        return open_campaigns(session, also)
