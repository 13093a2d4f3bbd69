from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

from desk.command import duban
from desk.help import Page
from desk.language import LOCALE
from desk.submission import Whose
from desk.vocabulary import (
    CHANNELS,
    EXTENSION_STATES,
    FACES,
    ITEM_KINDS,
    MESSAGE_KINDS,
    MESSAGE_STATES,
    OBLIGATION_STATES,
    PROBLEM_STATES,
    ROLES,
)
from ledger.addresses import ChannelKind
from ledger.extensions import ExtensionOutcome
from ledger.messages import ItemKind, MessageKind, MessageState
from ledger.obligations import ObligationState
from ledger.problems import ProblemState
from ledger.roles import Role
from notifications.kinds import Face
from tests.desk.conftest import Terminal

ROOT = Path(__file__).parent.parent.parent
CATALOGUE = LOCALE / "zh_CN" / "LC_MESSAGES"

DO_NOT_WRITE = {
    *("campaign status", "submission list", "problem list", "extension list"),
    *("plan check", "plan schema", "units list", "posts list", "messages list", "messages show"),
    *("messages preview", "messages kinds", "messages held"),
    *("channels list", "channels test", "calendar show"),
    *("notice list", "notice show", "web"),
    *("submission gather", "submission missing"),
    *("messages told", "messages export", "addresses list"),
    *("tick", "doctor", "migrate", "migrate-database", "rehearse"),
}
"""Commands that act for nobody: they look, or do what the plan says by itself."""

NEVER_SEEN = {
    "Arguments take exactly one parameter declaration, got {length}: {decls}.",
    "Boolean option {decl!r} cannot use the same flag for true/false.",
    "Choice({choices})",
    "Could not determine name for option with declarations {decls!r}",
    "Couldn't detect Bash version, shell completion is not supported.",
    "Invalid start character for option ({option})",
    "Name '{name}' defined twice",
    "No options defined but a name was passed ({name}). "
    "Did you mean to declare an argument instead? Did you mean to pass '--{name}'?",
    "Shell completion is not supported for Bash versions older than 4.4.",
    "Unknown color {colour!r}",
    "Unknown standard stream '{name}'",
    "Value must be an iterable.",
    "Windows error: {error}",
    "{editor}: Editing failed",
    "{editor}: Editing failed: {e}",
    "{value!r} is not a valid UUID.",
}
"""What click says to programmers, to other shells, or of kinds of value nobody types here."""


def pages() -> Iterator[tuple[str, Page]]:
    for name, command in duban.commands.items():
        if isinstance(command, Page):
            yield name, command
        if isinstance(command, click.Group):
            for verb, page in command.commands.items():
                assert isinstance(page, Page)
                yield f"{name} {verb}", page


PAGES = dict(pages())


@pytest.mark.parametrize("name", PAGES)
def test_what_is_typed_is_what_the_work_takes(name: str) -> None:
    module, function = PAGES[name].target.split(":")
    work = getattr(import_module(f"desk.{module}"), function)
    _, *taken = inspect.signature(work).parameters.values()
    names = {given.name for given in taken if given.kind is not given.VAR_KEYWORD}
    if any(given.kind is given.VAR_KEYWORD for given in taken):
        names |= set(Whose.__annotations__)
    typed = {param.name for param in PAGES[name].params}
    assert typed - {"as_json", "as_post"} == names


@pytest.mark.parametrize("name", PAGES)
def test_every_command_answers_in_json_and_every_writing_one_is_signed(name: str) -> None:
    options = {option for param in PAGES[name].params for option in param.opts}
    assert "--json" in options
    assert ("--as" in options) is (name not in DO_NOT_WRITE)


@pytest.mark.parametrize("name", ["", *PAGES])
def test_help_is_chinese_throughout(name: str) -> None:
    result = CliRunner().invoke(duban, [*name.split(), "--help"], prog_name="duban")
    assert result.exit_code == 0
    for word in ("Usage", "Options", "Commands", "Show this", "required", "default", "COMMAND"):
        assert word not in result.output
    assert result.output.startswith("用法：duban")
    assert "--help" in result.output
    assert "显示这页说明。" in result.output


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("spell", "没有“spell”这个命令。用法见 duban --help。"),
        ("campaign lunch", "没有“lunch”这个命令。 是不是 'launch'？用法见 duban campaign --help。"),
        ("campaign status --jsn", "没有“--jsn”这个选项。"),
        ("campaign pause a", "没有写选项 '--reason'"),
        ("campaign decide a", "没有写 '阶段'"),
        ("campaign close a b", "多写了 b。"),
        ("extension decide x --grant", "'编号' 不对：“x”不是整数。"),
        ("extension decide 1", "没有写选项 '--grant' / '--refuse'"),
        ("problem verify a#1", "没有写选项 '--ok' / '--return'"),
        ("problem list --state 没有", "没有“没有”，可写：已登记、"),
        ("campaign status --json=1", "选项 --json 后面不写值。"),
        ("submission list --unit", "选项 --unit 后面要写值。"),
        ("campaign extend a b 2017-02-30 --reason x", "“2017-02-30”不是存在的日期，请写成"),
        ("campaign extend a b 20170430 --reason x", "“20170430”不是存在的日期，请写成"),
        ("campaign launch a --move s1=2017-04-31", "“2017-04-31”不是存在的日期"),
        ("campaign launch a --move s1=2100-01-01", "“2100-01-01”超出范围"),
        ("plan add a --unit b --due 9999-12-31", "“9999-12-31”超出范围：日期只能在 2000-01-01 到"),
        ("plan date a 9999-12-31", "“9999-12-31”超出范围"),
        ("units close a --on 0001-01-01", "“0001-01-01”超出范围"),
        ("calendar close-day 2200-01-01 --reason x", "“2200-01-01”超出范围"),
        ("calendar import 2100 x", "2000<=x<=2099"),
        ("campaign launch a --move s1", "“s1”请写成 事项=日期"),
    ],
)
def test_typed_wrongly_it_says_so_in_one_chinese_sentence(
    bare: Terminal, typed: str, said: str
) -> None:
    result = bare.type(*typed.split())
    assert result.exit_code == 2
    assert said in bare.refused(*typed.split())


def test_a_noun_alone_shows_its_page(bare: Terminal) -> None:
    result = bare.type("campaign")
    assert result.exit_code == 2
    assert "启动一次活动" in result.stderr


def test_the_words_typed_are_the_words_the_ledger_stores() -> None:
    assert list(OBLIGATION_STATES) == list(ObligationState)
    assert list(PROBLEM_STATES) == list(ProblemState)
    assert list(EXTENSION_STATES) == list(ExtensionOutcome)
    assert list(MESSAGE_STATES) == list(MessageState)
    assert list(MESSAGE_KINDS) == list(MessageKind)
    assert list(FACES) == list(Face)
    assert list(ITEM_KINDS) == list(ItemKind)
    assert list(CHANNELS) == list(ChannelKind)
    assert list(ROLES) == list(Role)


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with (CATALOGUE / "messages.po").open("rb") as written:
        po = words(read_po(written))
    with (CATALOGUE / "messages.mo").open("rb") as compiled:
        assert po == words(read_mo(compiled))


def words(catalogue: Catalog) -> dict[str, list[str]]:
    """What is translated, a plural by its first form; without the headers, which bear a date."""
    return {
        message.id if isinstance(message.id, str) else message.id[0]: list(message.string)
        for message in catalogue
        if message.id
    }


def test_all_that_click_says_to_people_is_translated() -> None:
    home = Path(click.__file__).parent
    said = {message for _, _, message, _, _ in extract_from_dir(str(home))}
    with (CATALOGUE / "messages.po").open("rb") as written:
        known = {message.id for message in read_po(written)}
    assert {message for message in said if message not in known} == NEVER_SEEN


def loaded_by(*commands: str, home: Path | None = None) -> set[str]:
    """The top-level packages a process has imported after these commands."""
    script = (
        "import sys\n"
        "from desk.command import duban\n"
        f"for typed in {list(commands)!r}:\n"
        "    try:\n"
        "        duban.main(typed.split(), prog_name='duban')\n"
        "    except SystemExit as end:\n"
        "        assert not end.code, typed\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    settings = {"DUBAN_HOME": str(home), "DUBAN_NOW": "2017-04-14T10:00:00+08:00"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"PATH": "", **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stderr.split())


def test_no_help_page_waits_for_anything_heavier_than_click() -> None:
    helps = ["--help", *(f"{name} --help" for name in PAGES)]
    heavy = {
        "sqlalchemy",
        "pydantic",
        "rich",
        "openpyxl",
        "ruamel",
        "prefect",
        "alembic",
        "apprise",
    }
    loaded = loaded_by(*helps)
    assert "click" in loaded
    assert loaded & heavy == set()


def test_no_command_waits_for_what_it_does_not_use(running: Terminal) -> None:
    looks = ("campaign status", "submission list", "problem list", "messages list", "posts list")
    loaded = loaded_by(*looks, home=running.home)
    assert "sqlalchemy" in loaded
    assert loaded & {"prefect", "alembic", "apprise", "openpyxl"} == set()


def test_a_tick_waits_for_neither_prefect_nor_alembic(running: Terminal) -> None:
    assert loaded_by("tick", home=running.home) & {"prefect", "alembic"} == set()
