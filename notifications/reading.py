"""Reading one template of the bureau's: what can be seen to be wrong before it is ever used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError, nodes

from notifications.faults import Fault, Refusal, complaint
from notifications.guard import Guarded

LARGEST_FILE = 64 * 1024
"""Bytes of a template."""

NAMING = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


@dataclass(frozen=True)
class Source:
    """One file of the bureau's: its text, and the templates it names with their lines."""

    file: Path
    text: str
    tree: nodes.Template
    names: Mapping[str, int]


def read(folder: Path, name: str, environment: Guarded) -> Source | list[Fault]:
    """The file, or what is wrong with it."""
    try:
        text = _text(folder, folder / name)
        tree = environment.parse(text)
        named = {_named(node, Path(name)): node.lineno for node in tree.find_all(NAMING)}
        faults = [Fault(name, line, why) for line, why in _forbidden(tree, environment)]
        if not faults:
            environment.compile(text, name)
    except TemplateSyntaxError as error:
        return [Fault(name, error.lineno, complaint(error))]
    except Misnamed as error:
        return [Fault(name, error.line, str(error))]
    except (Refusal, SyntaxError, RecursionError, MemoryError, ValueError) as error:
        return [Fault(name, None, complaint(error))]
    return faults or Source(folder / name, text, tree, named)


class Misnamed(Refusal):
    """Another template is named as none may be."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def _text(folder: Path, file: Path) -> str:
    """What the file says; Windows' mark at its beginning is left out."""
    try:
        if not file.resolve().is_relative_to(folder.resolve()):
            raise Refusal("文件不在模板文件夹里")
        if file.stat().st_size > LARGEST_FILE:
            raise Refusal(f"文件超过 {LARGEST_FILE // 1024} KB")
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refusal("文件不是 UTF-8 编码，请另存为 UTF-8") from error
    except OSError as error:
        raise Refusal("文件读不出来，请核对权限") from error


def _named(node: Any, file: Path) -> str:
    """The name of another template; raises Misnamed.

    What a .txt says is escaped where a macro of it is called, and nowhere else.
    """
    named = node.template
    if not isinstance(named, nodes.Const) or not isinstance(named.value, str):
        raise Misnamed(node.lineno, "要用的模板须写成引号里的一个名称")
    name = named.value
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        raise Misnamed(node.lineno, f"“{name}”在模板文件夹之外，只能写 种类/文件 这样的名称")
    if isinstance(node, nodes.Extends | nodes.Include) and Path(name).suffix != file.suffix:
        raise Misnamed(node.lineno, f"{file.suffix} 文件里只能用同样后缀的模板，“{name}”不行")
    return name


def _forbidden(tree: nodes.Template, environment: Guarded) -> Iterator[tuple[int, str]]:
    """What no template may do, wherever it stands, with its line."""
    for filter in tree.find_all(nodes.Filter):
        if filter.name not in environment.filters:
            yield filter.lineno, f"没有“{filter.name}”这个过滤器，或不许用"
    for test in tree.find_all(nodes.Test):
        if test.name not in environment.tests:
            yield test.lineno, f"没有“{test.name}”这个判断"
    for modifier in tree.find_all(nodes.ScopedEvalContextModifier):
        yield modifier.lineno, "不许关闭转义，否则别人写的名称会变成网页代码"
    for several in tree.find_all((nodes.List, nodes.Tuple, nodes.Dict)):
        loads = getattr(several, "ctx", "load") == "load"
        if loads and not all(map(_constant, several.iter_child_nodes())):
            yield several.lineno, "列表里只能写固定的文字和数"


def _constant(node: nodes.Node) -> bool:
    inner = list(node.iter_child_nodes()) if isinstance(node, nodes.Pair) else [node]
    return all(isinstance(part, nodes.Const) for part in inner)
