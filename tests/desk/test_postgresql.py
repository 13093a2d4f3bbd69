"""The desk with its ledger on a server: what it says when the server does not do as it should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, event

from config.database import Database
from migrations.relocation import relocate
from tests import store
from tests.conftest import BUREAU
from tests.desk.conftest import Terminal
from tests.desk.test_doctor import checks
from tests.ledger.crowded import crowded_ledger
from tests.ledger.naturals import by_nature
from tests.postgresql import Server, name_of, server

EVE = "2017-05-02T09:00:00"
"""When the crowded ledger's round is due."""

Point = Callable[[str], Terminal]


@pytest.fixture
def at(bare: Terminal, monkeypatch: pytest.MonkeyPatch) -> Point:
    """The desk, pointed at an address."""

    def pointed(url: str) -> Terminal:
        monkeypatch.setenv("DUBAN_DATABASE_URL", url)
        return bare

    return pointed


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that may be stopped."""
    one = Server()
    yield one
    one.close()


@pytest.fixture(scope="module")
def eve() -> Database:
    return store.shared(crowded_ledger())


def moved_in(eve: Database, where: Server) -> str:
    """The address of a database on that server with the crowded ledger in it."""
    url = where.create()
    relocate(store.address(eve), url)
    return url


def test_migrate_makes_the_ledger_and_the_desk_works_there(at: Point) -> None:
    desk = at(server().create())
    assert desk.refused("campaign", "status").startswith("数据库还没有建好")
    assert desk.ask("migrate")["revision"] == desk.ask("migrate")["revision"]
    desk.ask("units", "import", BUREAU / "units.csv")
    assert len(desk.ask("units", "list")) == 42
    assert desk.ask("campaign", "status") == []


@cache
def locked() -> str:
    """The server's address; the role `locked` must say its password there."""
    return server().lock_up("locked", "right")


def wrong_password() -> str:
    return locked().replace("postgres:@", "locked:wrong@")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (wrong_password, "数据库不认这个用户名或密码"),
        (lambda: server().url().replace("postgres:@", "nobody:@"), "数据库不认这个用户名或密码"),
        (lambda: "postgresql://u:p@nowhere.invalid/duban", "找不到数据库服务器"),
        (lambda: "postgresql://u:p@127.0.0.1:1/duban", "连不上数据库"),
        (lambda: server().url("nothing"), "数据库服务器上没有这个数据库"),
        (lambda: "postgresql+asyncpg://u@h/duban", "数据库的地址不对"),
    ],
)
def test_an_address_that_leads_nowhere_is_said(
    at: Point, url: Callable[[], str], said: str
) -> None:
    for command in ("migrate", "tick"):
        assert at(url()).refused(command).startswith(said)


def test_a_password_is_never_repeated(at: Point) -> None:
    assert "wrong" not in at(wrong_password()).refused("tick")


def test_a_server_that_only_reads_refuses_and_nothing_is_half_done(
    at: Point, eve: Database
) -> None:
    url = moved_in(eve, server())
    desk = at(url)
    desk.at(EVE)
    server().do(f"ALTER DATABASE {name_of(url)} SET default_transaction_read_only = on")
    assert desk.refused("tick").startswith("数据库现在只能读、不能写")
    assert by_nature(Database(url)) == by_nature(eve)
    server().do(f"ALTER DATABASE {name_of(url)} RESET default_transaction_read_only")
    desk.ask("tick")


FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON message_item EXECUTE FUNCTION full_disk()
"""


def test_a_server_whose_disk_is_full_refuses_and_the_next_tick_finishes(
    at: Point, eve: Database
) -> None:
    """No disk is filled: a trigger says to the program what such a server says, by its code."""
    undisturbed = ticked(at, moved_in(eve, server()))
    url = moved_in(eve, server())
    with Database(url).writing() as session:
        session.connection().exec_driver_sql(FULL)
    assert at(url).refused("tick").startswith("磁盘已满")
    with Database(url).writing() as session:
        session.connection().exec_driver_sql("DROP TRIGGER full_disk ON message_item")
    assert ticked(at, url) == undisturbed


@pytest.mark.parametrize("nth", [2, 9])
def test_a_server_that_goes_away_in_the_middle_of_a_round_is_waited_for(
    at: Point, eve: Database, own_server: Server, nth: int
) -> None:
    undisturbed = ticked(at, moved_in(eve, own_server))
    url = moved_in(eve, own_server)
    desk = at(url)
    with at_commit(nth, own_server.stop):
        said = desk.refused("tick")
    assert said.startswith("与数据库的连接断了")
    assert desk.refused("tick").startswith("连不上数据库")
    own_server.start()
    assert by_nature(Database(url)) != undisturbed
    assert ticked(at, url) == undisturbed


def ticked(at: Point, url: str) -> dict[str, list[Any]]:
    """The ledger after a tick on the eve."""
    desk = at(url)
    desk.at(EVE)
    desk.ask("tick")
    return by_nature(Database(url))


@contextmanager
def at_commit(nth: int, act: Callable[[], None]) -> Iterator[None]:
    """While it lasts, the n-th commit is preceded by an act."""
    commits = count(1)

    def before_each(_: object) -> None:
        if next(commits) == nth:
            act()

    event.listen(Engine, "commit", before_each)
    try:
        yield
    finally:
        event.remove(Engine, "commit", before_each)


def test_the_doctor_says_which_server_it_is_and_how_it_is_tuned(at: Point) -> None:
    desk = at(server().create())
    desk.ask("migrate")
    check = checks(desk)["数据库种类"]
    for words in ("PostgreSQL 18", "编码 UTF8", "max_connections=40", "可以建表"):
        assert words in check["found"]
    assert check["verdict"] == "留意"  # this one lives without fsync
    assert "打开 fsync" in check["advice"]


def latin() -> str:
    server().do(
        "CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    return server().url("latin")


def frozen() -> str:
    url = server().create()
    server().do(f"ALTER DATABASE {name_of(url)} SET default_transaction_read_only = on")
    return url


def powerless() -> str:
    server().do("CREATE ROLE powerless LOGIN")
    return server().create().replace("postgres:@", "powerless:@")


@pytest.mark.parametrize(
    ("url", "advice"),
    [(latin, "另建一个编码为 UTF8 的库"), (frozen, "连到主库"), (powerless, "GRANT CREATE")],
)
def test_the_doctor_says_what_a_server_lacks(
    at: Point, url: Callable[[], str], advice: str
) -> None:
    check = checks(at(url()))["数据库种类"]
    assert check["verdict"] == "缺"
    assert advice in check["advice"]


def test_the_doctor_knows_a_file_too(desk: Terminal) -> None:
    check = checks(desk)["数据库种类"]
    assert check["verdict"] == "好"
    for words in ("SQLite 3", "duban.db", "journal_mode=wal", "synchronous=1", "foreign_keys=1"):
        assert words in check["found"]


def test_a_ledger_moves_by_one_command(desk: Terminal) -> None:
    home, there = f"sqlite:///{desk.home}/duban.db", server().create()
    before = desk.ask("units", "list")
    said = desk.type("migrate-database", "sqlite:///{home}/duban.db", there).stdout
    assert "unit  " in said and "DUBAN_DATABASE_URL" in said and "files，不必移动" in said
    assert desk.refused("migrate-database", home, there).startswith("要搬入的数据库不是空的")
    desk.monkeypatch.setenv("DUBAN_DATABASE_URL", there)
    assert desk.ask("units", "list") == before
    told = desk.ask("migrate-database", there, f"sqlite:///{desk.home}/again.db")
    assert {row["table"]: row["rows"] for row in told["tables"]}["unit"] == len(before)
