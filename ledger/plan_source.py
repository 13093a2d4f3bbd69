"""A plan's YAML text: read with its line numbers, so that a fault can say where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from ledger.plan_faults import Fault, PlanError

Loc = tuple[int | str, ...]

_KNOWN_PROBLEMS = {
    "found character '\\t'": ("用了制表符（Tab）", "应当用空格缩进"),
    "mapping values are not allowed": (
        "这里不该出现冒号",
        "请检查上一行的缩进，文字里有冒号时加引号",
    ),
    "could not find expected ':'": ("缺少冒号", "应当写成“键: 值”，冒号后空一格"),
    "found unexpected end of stream": ("引号或括号没有收尾", "应当成对使用引号和括号"),
    "found undefined alias": ("引用了没有定义的名称（*）", "以 * 开头的文字应当加引号"),
}
_OTHER_PROBLEM = ("YAML 在这里读不下去", "请检查缩进、冒号后的空格、引号和括号是否成对")


class _DatesAsText(RoundTripConstructor):
    """Leaves dates as they are written: ours have more forms, and their faults need a line."""


_DatesAsText.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_yaml_str)


@dataclass(frozen=True)
class Source:
    """The text of a plan as a tree that knows its lines."""

    file: str = ""
    tree: CommentedMap = field(default_factory=CommentedMap)

    def line(self, loc: Loc) -> int:
        """The line of a place, or of the nearest thing around it that is written; from 1."""
        node: Any = self.tree
        line = 1
        for part in loc:
            if not _holds(node, part):
                continue
            at = node.lc.key(part) if isinstance(node, CommentedMap) else node.lc.item(part)
            line, node = at[0] + 1, node[part]
        return line

    def path(self, loc: Loc) -> str:
        """A place in the words of the plan: `items[s1-o05].due`."""
        node: Any = self.tree
        path = ""
        for part in loc:
            if not _holds(node, part):
                continue
            node = node[part]
            path += f"[{_label(node, part)}]" if isinstance(part, int) else f".{part}"
        return path.lstrip(".")

    def fault(self, loc: Loc, wrong: str, right: str) -> Fault:
        """A fault at this place."""
        return Fault(self.file, self.line(loc), self.path(loc) or "整个计划", wrong, right)


def read_source(text: str, file: str) -> Source:
    """The tree of a YAML text; raises PlanError where it is no YAML or no mapping."""
    reader = YAML(typ="rt")
    reader.Constructor = _DatesAsText
    try:
        tree = reader.load(text)
    except YAMLError as error:
        raise PlanError([_fault_of_yaml(error, text, file)]) from error
    if not isinstance(tree, CommentedMap):
        right = "应当从 name: 活动名称 写起"
        raise PlanError([Fault(file, 1, "整个计划", "内容不是“键: 值”", right)])
    return Source(file, tree)


def _holds(node: Any, part: int | str) -> bool:
    if isinstance(node, CommentedMap):
        return part in node
    return isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node)


def _label(node: Any, position: int) -> str:
    """What a reader knows a list's member by: its id, else its number counted from 1."""
    named = node.get("id") if isinstance(node, Mapping) else None
    return str(named or position + 1)


def _fault_of_yaml(error: YAMLError, text: str, file: str) -> Fault:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Fault(file, line, "文字", "含有不可见的控制字符", "请删去后重新输入这一行")
    if not isinstance(error, MarkedYAMLError):
        return Fault(file, 1, "写法", *_OTHER_PROBLEM)
    problem = str(error.problem or "")
    # A quote never closed is found at the end of the file; the reader needs the line it opens on.
    opens_at = error.context_mark if "end of stream" in problem else None
    mark = opens_at or error.problem_mark
    line = mark.line + 1 if mark else 1
    if isinstance(error, DuplicateKeyError):
        return Fault(file, line, problem.split('"')[1], "同一处写了两次", "应当只留一个")
    known = (said for begin, said in _KNOWN_PROBLEMS.items() if problem.startswith(begin))
    return Fault(file, line, "写法", *next(known, _OTHER_PROBLEM))
