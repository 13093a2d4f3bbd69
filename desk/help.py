"""Help pages in Chinese: their words, and columns that stay straight where signs are wide."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from desk.widths import pad, width, wrap


class Formatter(click.HelpFormatter):
    """Click's formatter counts signs; this one counts the cells they take."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """One line, as long as it needs to be."""
        self.write(f"{prefix or '用法：'}{prog} {args}".rstrip() + "\n")

    def write_heading(self, heading: str) -> None:
        """A heading with the Chinese colon."""
        self.write(f"{heading}：\n")

    def write_text(self, text: str) -> None:
        """Paragraphs, wrapped."""
        indent = " " * self.current_indent
        for line in wrap(text, self.width - self.current_indent):
            self.write(f"{indent}{line}\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 34, col_spacing: int = 2
    ) -> None:
        """Two columns; a long left part has a line of its own."""
        rows = list(rows)
        indent = " " * self.current_indent
        left = min(max(width(first) for first, _ in rows), col_max)
        for first, second in rows:
            lines = wrap(second, max(20, self.width - self.current_indent - left - col_spacing))
            if width(first) > left:
                self.write(f"{indent}{first}\n")
                first = ""
            for line in lines:
                self.write(f"{indent}{pad(first, left + col_spacing)}{line}".rstrip() + "\n")
                first = ""


class Context(click.Context):
    """A context whose pages are written by our formatter."""

    formatter_class = Formatter


class Page(click.Command):
    """A command whose help page is Chinese throughout; `target` says where its work is written."""

    context_class = Context

    def __init__(self, name: str, target: str, **given: Any) -> None:
        super().__init__(name, **{"options_metavar": "[选项]", **given})
        self.target = target

    def get_short_help_str(self, limit: int = 45) -> str:
        """The whole sentence: the formatter wraps it."""
        return self.help or ""


class Chapter(click.Group):
    """A group whose help page is Chinese throughout, its commands in the order of writing."""

    context_class = Context

    def __init__(self, name: str, **given: Any) -> None:
        words = {"options_metavar": "", "subcommand_metavar": "命令 …"}
        super().__init__(name, **{**words, **given})

    def get_short_help_str(self, limit: int = 45) -> str:
        """The whole sentence: the formatter wraps it."""
        return self.help or ""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order they were written in, which is the order of use."""
        return list(self.commands)
