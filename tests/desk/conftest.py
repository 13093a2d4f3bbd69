"""A desk to type at: `duban` in a home of its own, at a fixed moment."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from config.database import Database
from desk.command import duban
from tests.conftest import PLAN, Someone

SLUG = "gan-zhuan-zheng-2017"


@dataclass
class Terminal:
    """Types commands and reads what comes back."""

    home: Path
    monkeypatch: pytest.MonkeyPatch

    def type(
        self, *words: str | Path, as_: Someone | str | None = None, answers: str | None = None
    ) -> Result:
        """Run a command, whatever comes of it; only a foreseen end is no failure of the test."""
        signed = ["--as", as_ if isinstance(as_, str) else str(as_.post_id)] if as_ else []
        typed = [*map(str, words), *signed]
        result = CliRunner().invoke(duban, typed, prog_name="duban", input=answers)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def ask(self, *words: str | Path, as_: Someone | str | None = None) -> Any:
        """Run a command that must succeed, and read its JSON."""
        result = self.type(*words, "--json", as_=as_)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def refused(self, *words: str | Path, as_: Someone | str | None = None) -> str:
        """Run a command that must be refused in one sentence; the sentence."""
        result = self.type(*words, as_=as_)
        said = result.stderr.strip()
        assert result.exit_code in (1, 2), result.output
        assert result.stdout == ""
        assert "\n" not in said
        assert said.endswith(("。", "？"))
        return said

    def at(self, moment: str) -> None:
        """From now on it is this moment, local time."""
        self.monkeypatch.setenv("DUBAN_NOW", f"{moment}+08:00")

    def database(self) -> Database:
        """The ledger behind the desk; close it."""
        return Database(f"sqlite:///{self.home / 'duban.db'}")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, now: datetime) -> Path:
    """A home with no database yet, and no setting but the moment."""
    for name in [name for name in os.environ if name.startswith("DUBAN_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DUBAN_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("DUBAN_NOW", now.isoformat())
    return tmp_path / "var"


@pytest.fixture
def bare(home: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A desk before `duban migrate`."""
    return Terminal(home, monkeypatch)


@pytest.fixture
def empty(bare: Terminal, migrated: Path) -> Terminal:
    """A desk with a ledger that has no units and no posts."""
    bare.home.mkdir()
    shutil.copy(migrated, bare.home / "duban.db")
    return bare


@pytest.fixture
def desk(bare: Terminal, bureau: Path) -> Terminal:
    """A desk with the invented bureau."""
    bare.home.mkdir()
    shutil.copy(bureau, bare.home / "duban.db")
    return bare


@pytest.fixture(scope="session")
def launched(
    bureau: Path, tmp_path_factory: pytest.TempPathFactory, office: Someone
) -> Iterator[Path]:
    """A ledger in which 敢转争 was launched and has had its first round; copy it."""
    home = tmp_path_factory.mktemp("launched")
    shutil.copy(bureau, home / "duban.db")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("DUBAN_HOME", str(home))
        terminal = Terminal(home, monkeypatch)
        terminal.at("2017-04-14T10:00:00")
        terminal.ask("campaign", "launch", PLAN, as_=office)
        terminal.ask("tick")
        yield home / "duban.db"


@pytest.fixture
def running(bare: Terminal, launched: Path) -> Terminal:
    """A desk at which 敢转争 runs."""
    bare.home.mkdir()
    shutil.copy(launched, bare.home / "duban.db")
    return bare
