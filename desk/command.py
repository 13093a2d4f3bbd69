"""The command line `duban`: what it was asked is done, or refused in one Chinese sentence."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from desk.catalog import COMMANDS
from desk.help import Chapter
from desk.language import speak_chinese

speak_chinese()

REFUSED, MISUSED = 1, 2


class Duban(Chapter):
    """The root of all commands; turns whatever stops one into a sentence and an exit code."""

    def main(self, *args: Any, **given: Any) -> NoReturn:
        """Run and exit: 0 done, 1 refused, 2 used wrongly."""
        try:
            code = super().main(*args, **{**given, "standalone_mode": False})
        except click.UsageError as error:
            _say(_usage(error))
            sys.exit(MISUSED)
        except click.ClickException as error:
            _say(error.format_message())
            sys.exit(REFUSED)
        except click.Abort:
            _say("已取消，什么也没有改动。")
            sys.exit(REFUSED)
        except _foreseeable() as error:
            _say(_sentence(error))
            sys.exit(REFUSED)
        sys.exit(code or 0)


def _usage(error: click.UsageError) -> str:
    """What was typed wrongly, and where the right way is written."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message()
    words = " ".join(error.format_message().split()).removesuffix(".")
    words += "" if words.endswith(("。", "？")) else "。"
    page = error.ctx.command_path if error.ctx else "duban"
    return f"{words}用法见 {page} --help。"


def _foreseeable() -> tuple[type[Exception], ...]:
    # Asked only once something has gone wrong: a help page must not wait for SQLAlchemy.
    from desk.refusals import FORESEEABLE

    return FORESEEABLE


def _sentence(error: Exception) -> str:
    from desk.refusals import sentence

    return sentence(error)


def _say(words: str) -> None:
    click.echo(words, err=True)


duban = Duban("duban", help="督办：从通知到归档，盯住一次活动的每个时间节点。")
for command in COMMANDS:
    duban.add_command(command)


def main() -> NoReturn:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a sign shows a question mark instead of a traceback.
            stream.reconfigure(errors="replace")
    duban.main(prog_name="duban")
