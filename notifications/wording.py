"""Wording: a template's name and its context become text, by the bureau's templates or by ours."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from traceback import walk_tb
from typing import Any

from jinja2 import FunctionLoader, Template, TemplateError

import config
from notifications.builtin import FILTERS, GLOBALS, MARKDOWN, OPTIONS, ROOT, Neutral, template
from notifications.faults import Fault, Refusal, complaint
from notifications.guard import Guarded, budget, counted
from notifications.overrides import BUREAU, names_in, read_overrides

log = logging.getLogger("duban.templates")

HOME = Path(config.__path__[0]) / "templates"
"""Where a bureau's templates are looked for unless a setting says otherwise."""

LONGEST = 200_000
"""Characters a bureau's template may come to."""

TROUBLE = (
    *(TemplateError, Refusal, LookupError, ValueError, TypeError, AttributeError),
    *(ArithmeticError, RuntimeError, MemoryError),
)
"""What a template can raise."""


class Wording:
    """The templates of one moment; `faults` are those of the bureau's, also those found in use."""

    def __init__(self, folder: Path) -> None:
        self._environments = {markdown: self._guarded(markdown) for markdown in (False, True)}
        self.overrides = read_overrides(folder, self._environments[False])
        self._ours: dict[str, Template | None] = {}
        self.faults: list[Fault] = []
        for fault in self.overrides.faults:
            self._note(fault)
        if not folder.is_dir():
            self._note(Fault(str(folder), None, "没有这个文件夹"))

    def render(self, name: str, context: Mapping[str, Any]) -> str:
        """The text; where the bureau's template fails, that of the built-in one."""
        ours = self._found(name) if self.overrides.sources else None
        if ours is not None:
            try:
                return _bounded(name, ours, context)
            except TROUBLE as error:
                self._note(self._blamed(name, error))
        return template(name).render(context)

    def _found(self, name: str) -> Template | None:
        """The template, if the bureau had a hand in it."""
        if name not in self._ours:
            top = self.overrides.resolve(name)
            parts = {top, *self.overrides.made_of(top)}
            touched = any(part.startswith(BUREAU) for part in parts)
            environment = self._environments[name.endswith(MARKDOWN)]
            self._ours[name] = environment.get_template(top) if touched else None
        return self._ours[name]

    def _guarded(self, markdown: bool) -> Guarded:
        environment = Guarded(
            markdown=markdown,
            resolve=lambda name, parent: self.overrides.resolve(name, parent),
            loader=FunctionLoader(self._load),
            **OPTIONS,
        )
        environment.context_class = Neutral
        for own, filter in FILTERS.items():
            environment.filters[own] = counted(filter)
        environment.globals |= GLOBALS
        return environment

    def _load(self, name: str) -> tuple[str, str, None]:
        ours = self.overrides.sources.get(name.removeprefix(BUREAU))
        if name.startswith(BUREAU) and ours:
            return ours.text, str(ours.file), None
        return (ROOT / name).read_text(encoding="utf-8"), str(ROOT / name), None

    def _blamed(self, name: str, error: Exception) -> Fault:
        """The innermost line of the bureau's that was being carried out."""
        files = {str(source.file): own for own, source in self.overrides.sources.items()}
        frames = ((frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__))
        lines = [(files[file], line) for file, line in frames if file in files]
        file, line = lines[-1] if lines else (self._nearest(name), None)
        return Fault(file, line, complaint(error))

    def _nearest(self, name: str) -> str:
        """The bureau's file to be looked at when no line of one was at work."""
        if name in self.overrides.sources:
            return name
        return min(self._touching(name))

    def _touching(self, name: str) -> Iterator[str]:
        parts = self.overrides.made_of(name)
        return (part.removeprefix(BUREAU) for part in parts if part.startswith(BUREAU))

    def _note(self, fault: Fault) -> None:
        """Each fault is kept and logged once."""
        if fault not in self.faults:
            self.faults.append(fault)
            log.warning(fault.sentence)


def _bounded(name: str, ours: Template, context: Mapping[str, Any]) -> str:
    """The text of a bureau's template; raises one of TROUBLE."""
    pieces, length = list[str](), 0
    with budget():
        for piece in ours.generate(context):
            pieces.append(piece)
            length += len(piece)
            if length > LONGEST:
                raise Refusal(f"写出来的超过 {LONGEST} 字")
    text = "".join(pieces)
    if not text.strip():
        raise Refusal("写出来是空的")
    if name.endswith("subject.txt") and len(text.strip().splitlines()) > 1:
        raise Refusal("标题只能有一行")
    return text


def wording(folder: Path | None) -> Wording:
    """The templates as the folder, by default HOME, now holds them; compiled anew when changed."""
    home = HOME if folder is None else folder
    return _wording(home, tuple(_signature(home)))


@lru_cache(maxsize=4)
def _wording(folder: Path, signature: tuple[object, ...]) -> Wording:
    return Wording(folder)


def _signature(folder: Path) -> Iterator[tuple[str, int, int]]:
    for name in names_in(folder):
        try:
            stat = (folder / name).stat()
        except OSError:
            yield name, 0, 0
        else:
            yield name, stat.st_mtime_ns, stat.st_size
