"""What the same work costs with others: `python -m tests.benchmarks.others WHO DUTIES`.

A duty is opened and kept where a crash does not lose it; then its moment comes, one thing is done
for it, and that is kept too. Prints a line of JSON: seconds for the opening and for what was due.
Where a package is missing, its name.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Semaphore
from time import perf_counter

Seconds = tuple[float, float]

PROCESS = """
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
             xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="all" targetNamespace="duty">
  <process id="duty" isExecutable="true">
    <startEvent id="opened"><outgoing>one</outgoing></startEvent>
    <sequenceFlow id="one" sourceRef="opened" targetRef="waits"/>
    <intermediateCatchEvent id="waits"><incoming>one</incoming><outgoing>two</outgoing>
      <timerEventDefinition id="moment">
        <timeDuration xsi:type="tFormalExpression">"PT0S"</timeDuration>
      </timerEventDefinition>
    </intermediateCatchEvent>
    <sequenceFlow id="two" sourceRef="waits" targetRef="reminds"/>
    <scriptTask id="reminds"><incoming>two</incoming><outgoing>three</outgoing>
      <script>reminded = True</script></scriptTask>
    <sequenceFlow id="three" sourceRef="reminds" targetRef="over"/>
    <endEvent id="over"><incoming>three</incoming></endEvent>
  </process>
</definitions>
"""


def spiffworkflow(duties: int, folder: Path) -> Seconds:
    """A process instance per duty, kept as JSON in SQLite, with a commit each."""
    from lxml import etree
    from SpiffWorkflow.bpmn import BpmnWorkflow
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

    parser, keeper = BpmnParser(), BpmnWorkflowSerializer()
    parser.add_bpmn_xml(etree.fromstring(PROCESS.strip()))
    spec = parser.get_spec("duty")
    database = sqlite3.connect(folder / "spiff.db", isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("CREATE TABLE duty (id INTEGER PRIMARY KEY, state TEXT)")
    began = perf_counter()
    for _ in range(duties):
        workflow = BpmnWorkflow(spec)
        workflow.do_engine_steps()
        kept = keeper.serialize_json(workflow)
        database.execute("INSERT INTO duty (state) VALUES (?)", (kept,))
    opened = perf_counter()
    for id, kept in database.execute("SELECT id, state FROM duty").fetchall():
        workflow = keeper.deserialize_json(kept)
        workflow.refresh_waiting_tasks()
        workflow.do_engine_steps()
        kept = keeper.serialize_json(workflow)
        database.execute("UPDATE duty SET state = ? WHERE id = ?", (kept, id))
    return opened - began, perf_counter() - opened


def remind(number: int) -> None:
    """What an APScheduler job does."""


def apscheduler(duties: int, folder: Path) -> Seconds:
    """A job per duty in a store of SQLAlchemy's, without the grace that would skip late ones."""
    from apscheduler.events import EVENT_JOB_EXECUTED
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    store = SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.db")
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
    scheduler.start(paused=True)
    done = Semaphore(0)
    scheduler.add_listener(lambda event: done.release(), EVENT_JOB_EXECUTED)
    moment = datetime(2017, 4, 20, tzinfo=UTC)
    began = perf_counter()
    for number in range(duties):
        once = {"run_date": moment, "misfire_grace_time": None}
        scheduler.add_job(f"{__spec__.name}:remind", "date", args=(number,), **once)
    opened = perf_counter()
    scheduler.resume()
    for _ in range(duties):
        done.acquire()
    seconds = perf_counter() - opened
    scheduler.shutdown()
    return opened - began, seconds


def prefect(duties: int, folder: Path) -> Seconds:
    """A task run per duty in one flow run; the server is there before the clock starts."""
    os.environ.update(PREFECT_HOME=str(folder), PREFECT_LOGGING_LEVEL="CRITICAL")
    os.environ.update(PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1")
    os.environ.update(PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="120")
    from prefect import flow, task

    once = task(lambda number: number, name="remind")

    @flow
    def remind_all() -> float:
        once(-1)
        began = perf_counter()
        for number in range(duties):
            once(number)
        return perf_counter() - began

    return 0.0, remind_all()


OTHERS: dict[str, Callable[[int, Path], Seconds]] = {
    "SpiffWorkflow": spiffworkflow,
    "APScheduler": apscheduler,
    "Prefect": prefect,
}


def main(who: str, duties: int) -> dict[str, object]:
    """Do it, and say what it took."""
    with TemporaryDirectory(prefix="duban-bench-", ignore_cleanup_errors=True) as folder:
        try:
            opened, due = OTHERS[who](duties, Path(folder))
        except ModuleNotFoundError as missing:
            return {"missing": missing.name}
    return {"opened": opened, "due": due}


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))), flush=True)
