"""What a command is made of: its words and parameters here, its work in a module loaded when run.

So `--help` of every command answers at once: nothing heavier than click is imported for it.
"""

from __future__ import annotations

import gc
import importlib
from enum import Enum
from typing import Any

import click

from desk.help import Chapter, Page
from desk.parameters import AS_JSON, AS_POST


class Needs(Enum):
    """What a command needs before it can begin."""

    NOTHING = "settings and the time"
    READING = "a session that reads"
    WRITING = "a session that writes, and a post to act for"
    IMPORTING = "a session that writes; there may be no post yet"


ACTS = (Needs.WRITING, Needs.IMPORTING)


def verb(
    name: str, target: str, help: str, *params: click.Parameter, needs: Needs = Needs.READING
) -> Page:
    """A command; `target` is module:function in desk, called with the desk and what was typed."""

    def run(**given: Any) -> None:
        # Half of what a command takes is importing; collecting no garbage meanwhile spares a tenth.
        gc.disable()
        from desk.workplace import perform

        module, function = target.split(":")
        work = getattr(importlib.import_module(f"desk.{module}"), function)
        gc.enable()
        click.get_current_context().exit(perform(work, needs, given))

    common = (AS_POST, AS_JSON) if needs in ACTS else (AS_JSON,)
    return Page(name, target, help=help, params=[*params, *common], callback=run)


def noun(name: str, help: str, *verbs: click.Command) -> click.Group:
    """A group of commands about one thing."""
    return Chapter(name, help=help, commands=verbs)
