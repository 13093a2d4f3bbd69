"""The built-in templates: where they lie, what each is made of, how Jinja is set up for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.meta import find_referenced_templates
from jinja2.runtime import Context, Macro
from jinja2.utils import Namespace

from notifications.markdown import plain
from notifications.phrases import SECTIONS, day, excerpt, paragraphs

ROOT = Path(__file__).parent / "templates"

BUILT_IN = frozenset(
    file.relative_to(ROOT).as_posix() for file in ROOT.rglob("*") if file.is_file()
)
"""Their names, as urge/body.txt."""

MARKDOWN = ".md"

OPTIONS: Mapping[str, Any] = {
    "autoescape": lambda name: name is not None and name.endswith((".html", MARKDOWN)),
    "undefined": StrictUndefined,
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
    "auto_reload": False,
    "cache_size": -1,
}
"""How templates are written, the bureau's as ours."""

FILTERS: Mapping[str, Callable[..., Any]] = {
    "day": day,
    "excerpt": excerpt,
    "paragraphs": paragraphs,
}
GLOBALS = {"namespace": Namespace, "section_names": SECTIONS}


@cache
def template(name: str) -> Template:
    """A built-in template, compiled once."""
    return _environment(name.endswith(MARKDOWN)).get_template(name)


@cache
def tree(name: str) -> nodes.Template:
    """What a built-in template says, taken apart."""
    return _environment(False).parse((ROOT / name).read_text(encoding="utf-8"))


@cache
def references(name: str) -> frozenset[str]:
    """The templates a built-in one extends, includes or imports; they are named in plain words."""
    return frozenset(filter(None, find_referenced_templates(tree(name))))


class Neutral(Context):
    """Where a macro gives what its own file gives: plain text from a .txt, escaped where it is put.

    Jinja marks all a macro says as safe where it is called from HTML, also what it never escaped.
    """

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a macro or anything else."""
        if isinstance(__obj, Macro):
            for unasked in ("_block_vars", "_loop_vars"):
                kwargs.pop(unasked, None)
            return __obj(*args, **kwargs)
        return super().call(__obj, *args, **kwargs)


class Plain(Environment):
    """Jinja with globals in one dictionary: a chain of two is slow to look into."""

    context_class = Neutral

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals of a template; all have the same."""
        return self.globals


@cache
def _environment(markdown: bool) -> Environment:
    environment = Plain(
        loader=FileSystemLoader(ROOT), finalize=plain if markdown else None, **OPTIONS
    )
    environment.filters |= FILTERS
    environment.globals = dict(GLOBALS)
    return environment
