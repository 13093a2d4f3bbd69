"""The bureau's own templates, in place of the built-in ones of the same folder and file name.

A name in one of them means the built-in template, so that an override may extend the one it takes
the place of; a name in a built-in one means the bureau's, so that all that extends it follows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from notifications.builtin import BUILT_IN, references, tree
from notifications.faults import Fault
from notifications.guard import Guarded
from notifications.reading import Source, read

BUREAU = "bureau:"
"""Before the name of a template of the bureau's."""

SUFFIXES = (".txt", ".html", ".md")

GIVEN = frozenset(
    {
        *("campaigns", "letter", "link", "moment", "notes", "notice"),
        *("provisional", "sign_link", "sign_links", "to_act", "today"),
    }
)
"""What rendering gives a template."""


@dataclass
class Overrides:
    """What of a folder can be used, by name, and what is wrong with the rest."""

    sources: dict[str, Source] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def resolve(self, name: str, parent: str = "") -> str:
        """The template that `name` stands for in `parent`, or from outside."""
        ours = f"{BUREAU}{name}"
        if parent.startswith(BUREAU):
            return name if name in BUILT_IN else ours
        return ours if name in self.sources else name

    def made_of(self, template: str) -> set[str]:
        """All that a template extends, includes or imports, and what that does; not itself."""
        found, waiting = set[str](), self._named_by(template)
        while waiting:
            if (another := waiting.pop()) not in found:
                found.add(another)
                waiting += self._named_by(another)
        return found

    def _named_by(self, template: str) -> list[str]:
        name = template.removeprefix(BUREAU)
        if template == name:
            return [self.resolve(named, template) for named in references(name)]
        source = self.sources.get(name)
        return [self.resolve(named, template) for named in source.names] if source else []


def read_overrides(folder: Path, environment: Guarded) -> Overrides:
    """Everything in the folder that is sound; an absent folder holds nothing."""
    found = Overrides()
    for name in names_in(folder):
        one = read(folder, name, environment)
        if isinstance(one, Source):
            found.sources[name] = one
        else:
            found.faults += one
    # What names a broken file is broken too, and so on.
    while faults := list(_out_of_place(found, set(environment.globals))):
        for fault in faults:
            found.sources.pop(fault.file, None)
        found.faults += faults
    return found


def names_in(folder: Path) -> list[str]:
    """The files in the folders of a folder that may be templates, in order."""
    files = sorted(folder.glob("*/*"))
    return [
        file.relative_to(folder).as_posix()
        for file in files
        if file.suffix in SUFFIXES and not file.name.startswith(".")
    ]


def _out_of_place(found: Overrides, everywhere: set[str]) -> Iterator[Fault]:
    """Files that are whole, and yet cannot be used among the others."""
    if not found.sources:
        return
    known = GIVEN | everywhere | _set_somewhere(found)
    used = set().union(*(found.made_of(found.resolve(name)) for name in BUILT_IN))
    for name, source in found.sources.items():
        ours = f"{BUREAU}{name}"
        for named, line in source.names.items():
            another = found.resolve(named, ours)
            if another.startswith(BUREAU) and named not in found.sources:
                yield Fault(name, line, f"要用的“{named}”没有，或者有错")
            elif ours in {another, *found.made_of(another)}:
                yield Fault(name, line, f"经“{named}”又用到自己，没有尽头")
        for unknown in sorted(find_undeclared_variables(source.tree) - known):
            yield Fault(name, _line_of(source.tree, unknown), f"没有“{unknown}”这一项")
        if name not in BUILT_IN and ours not in used:
            yield Fault(name, None, "自带的模板里没有这个名称，别的改写也没有用到它")


def _set_somewhere(found: Overrides) -> set[str]:
    """Names that some template sets; another may see them by extending or including it."""
    names: set[str] = set()
    for one in (*map(tree, BUILT_IN), *(source.tree for source in found.sources.values())):
        names |= {node.name for node in one.find_all(nodes.Name) if node.ctx != "load"}
        names |= {node.target for node in one.find_all(nodes.Import)}
    return names


def _line_of(tree: nodes.Template, name: str) -> int | None:
    found = (node.lineno for node in tree.find_all(nodes.Name) if node.name == name)
    return next(found, None)
