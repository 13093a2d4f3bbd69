"""What every test may ask for: a fixed now, a ledger with the invented bureau, three people."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.clock import SHANGHAI
from config.database import Database
from config.tables import read_table
from ledger.roles import Role
from ledger.roster import import_posts, import_units
from ledger.units import Person, Post, Unit
from ledger.workdays import WorkCalendar
from migrations import upgrade
from tests import store
from tests.postgresql import close_server, server

BUREAU = Path(__file__).parent.parent / "config" / "bureau"
PLAN = Path(__file__).parent.parent / "config" / "campaigns" / "gan-zhuan-zheng-2017.yaml"


def pytest_addoption(parser: pytest.Parser) -> None:
    kinds = [store.SQLITE, store.POSTGRESQL]
    parser.addoption("--database", choices=kinds, default=store.SQLITE, help="where ledgers lie")


def pytest_configure(config: pytest.Config) -> None:
    store.choose(config.getoption("--database"))


def pytest_sessionfinish() -> None:
    close_server()


class Someone(NamedTuple):
    """A person of the bureau in one post, by what stays the same in every copy of the ledger."""

    name: str
    post_id: int
    person_id: int
    unit: str
    unit_id: int


@pytest.fixture
def say(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say something that is printed at the end of the whole run, whichever process it ran in."""
    return lambda text: record_property("said", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests had to say."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, text in report.user_properties:
            if name == "said" and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid}\n{text}")


@pytest.fixture
def now() -> datetime:
    """The day 敢转争 was announced, a Friday, in office hours."""
    return datetime(2017, 4, 14, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(scope="session")
def calendar() -> WorkCalendar:
    return WorkCalendar()


@pytest.fixture(params=[store.SQLITE, store.POSTGRESQL])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where there is nothing yet: a file to be made, or an empty database of a server."""
    return server().create() if request.param == store.POSTGRESQL else f"sqlite:///{tmp_path}/t.db"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger as `duban migrate` leaves it; copy it, never open it."""
    file = tmp_path_factory.mktemp("ledger") / "migrated.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def bureau(migrated: Path) -> Path:
    """A ledger with the invented bureau's units and posts; copy it, never open it."""
    file = migrated.with_name("bureau.db")
    shutil.copy(migrated, file)
    database = Database(f"sqlite:///{file}")
    with database.writing() as session:
        import_units(session, read_table(BUREAU / "units.csv"))
        import_posts(session, read_table(BUREAU / "posts.csv"))
    database.close()
    return file


@pytest.fixture
def empty_database(migrated: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh ledger with nothing in it."""
    yield from _copied(migrated, tmp_path / "empty.db")


@pytest.fixture
def database(bureau: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh ledger with the invented bureau."""
    yield from _copied(bureau, tmp_path / "ledger.db")


def _copied(source: Path, file: Path) -> Iterator[Database]:
    shutil.copy(source, file)
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture(scope="session")
def owner(bureau: Path) -> Someone:
    """A contact of 云川市第一中学, who answers for what it owes."""
    return _someone(bureau, Role.CONTACT, "云川市第一中学")


@pytest.fixture(scope="session")
def colleague(bureau: Path) -> Someone:
    """The contact of another school, 云川市第二中学."""
    return _someone(bureau, Role.CONTACT, "云川市第二中学")


@pytest.fixture(scope="session")
def office(bureau: Path) -> Someone:
    """The first post of the office."""
    return _someone(bureau, Role.OFFICE, "局活动办")


def _someone(bureau: Path, role: Role, unit: str) -> Someone:
    database = Database(f"sqlite:///{bureau}")
    with database.reading() as session:
        found = _first(session, role, unit)
    database.close()
    return found


def _first(session: Session, role: Role, unit: str) -> Someone:
    row = session.execute(
        select(Person.name, Post.id, Person.id, Unit.name, Unit.id)
        .join(Post, Post.person_id == Person.id)
        .join(Unit, Unit.id == Post.unit_id)
        .where(Post.role == role, Unit.name == unit)
        .order_by(Post.id)
        .limit(1)
    ).one()
    return Someone(*row)
