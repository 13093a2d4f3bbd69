"""The environment in which a bureau's own templates are rendered: nothing they do does harm.

They read what a message says and nothing else: no name that begins with an underscore, no call but
of macros and a few harmless methods. Every loop, call and printed text is paid for out of a budget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import wraps
from typing import Any

from jinja2 import Undefined, nodes
from jinja2.filters import FILTERS
from jinja2.runtime import BlockReference, LoopContext, Macro, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace
from jinja2.visitor import NodeTransformer

from notifications.faults import Refusal
from notifications.markdown import plain
from notifications.phrases import LocalTime

STEPS = 50_000
"""What rendering one template may cost; the longest of ours takes less than a tenth."""

LETTERS = 64
"""Characters that count as a step."""

LARGEST = 10**15
"""Beyond this no number is meant."""

TOO_MUCH = "要做的事太多，多半是循环套循环，或没完没了地调用自己"

KNOWN_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "groupby"),
    *("int", "join", "last", "length", "list", "lower", "map", "max", "min", "reject"),
    *("rejectattr", "reverse", "select", "selectattr", "sort", "sum", "trim", "truncate"),
    *("unique", "upper"),
)
"""Those of Jinja's own that can neither mark text as safe nor make it grow."""

READABLE, UNREADABLE = (int, float, date, Undefined), (bool, datetime)

OURS = (Macro, BlockReference, LoopContext, LocalTime)

METHODS = {
    str: frozenset({"startswith", "endswith", "strip", "removeprefix", "removesuffix", "split"}),
    dict: frozenset({"get", "items", "keys", "values"}),
    LoopContext: frozenset({"cycle", "changed"}),
}

_left: ContextVar[list[int] | None] = ContextVar("left", default=None)


@contextmanager
def budget() -> Iterator[None]:
    """What is rendered inside may take STEPS steps; raises Refusal beyond."""
    token = _left.set([STEPS])
    try:
        yield
    finally:
        _left.reset(token)


def spend(steps: int) -> None:
    """Take some steps from the budget, where there is one: none while templates are compiled."""
    left = _left.get()
    if left is not None:
        left[0] -= steps
        if left[0] < 0:
            raise Refusal(TOO_MUCH)


def joined(*parts: Any) -> Any:
    """What `~` gives, paid for by its length."""
    for part in parts:
        printable(part)
    whole: Any = markup_join(parts)
    spend(len(whole) // LETTERS)
    return whole


def printable(value: Any) -> Any:
    """A text, a number or a day; raises Refusal for what only programs can read."""
    if value is None:
        raise Refusal("这一项是空的，请先用 if 判断")
    if isinstance(value, str):
        spend(len(value) // LETTERS)
    elif isinstance(value, bool | datetime) or not isinstance(
        value, int | float | date | Undefined
    ):
        raise Refusal("这一项不是文字，不能直接写出来")
    return value


def counted(filter: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, paid for by what it is given."""

    @wraps(filter)
    def run(*given: Any, **named: Any) -> Any:
        sized = (value for value in (*given, *named.values()) if isinstance(value, str | list))
        spend(1 + sum(len(value) // LETTERS for value in sized))
        return filter(*given, **named)

    return run


def join(values: Any, between: str = "", attribute: str | None = None) -> Any:
    """What Jinja's own gives, without looking into what is joined."""
    if attribute is not None:
        raise Refusal("join 不能写 attribute，请先用 map(attribute=…)")
    parts = [part for value in values for part in (between, value)][1:]
    return joined(*parts)


class Guarded(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with a budget. `markdown`: for templates of robots' Markdown.

    `resolve` says which template a name stands for in another one.
    """

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, *, markdown: bool, resolve: Callable[[str, str], str], **given: Any) -> None:
        finalize = (lambda value: plain(printable(value))) if markdown else printable
        super().__init__(finalize=finalize, **given)
        self.globals = {}
        self.filters = {name: counted(FILTERS[name]) for name in KNOWN_FILTERS} | {"join": join}
        self.spend, self.joined, self._resolve = spend, joined, resolve
        self.allowed: list[Callable[..., Any]] = [spend, joined, Namespace]

    def join_path(self, template: str, parent: str) -> str:
        """The template that a name stands for in `parent`."""
        return self._resolve(template, parent)

    def call(__self, __context: Any, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a macro or one of a few methods, for a step."""
        spend(1)
        return super().call(__context, __obj, *args, **kwargs)

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros, blocks, loops, what we gave, and methods that grow nothing."""
        if isinstance(obj, OURS) or any(obj is one for one in self.allowed):
            return True
        owner = type(getattr(obj, "__self__", None))
        return getattr(obj, "__name__", "") in METHODS.get(owner, ())

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers are reckoned with, texts put together; no powers."""
        if isinstance(left, str) and isinstance(right, str) and operator == "+":
            return joined(left, right)
        if not all(isinstance(value, int | float) for value in (left, right)) or operator == "**":
            raise Refusal(f"“{operator}”两边只能是数")
        result = super().call_binop(context, operator, left, right)
        if abs(result) > LARGEST:
            raise Refusal("算出来的数太大")
        return result

    def _generate(self, source: nodes.Template, *given: Any, **named: Any) -> str:
        return super()._generate(Metering(self).visit(source), *given, **named)


class Metering(NodeTransformer):
    """Lets every loop, macro, block and file pay for each of its turns, by the text it holds."""

    def __init__(self, environment: Guarded) -> None:
        self._environment = environment

    def _metered(self, node: Any) -> Any:
        held = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
        self.generic_visit(node)
        price = self._call("spend", [nodes.Const(1 + held // LETTERS)], node.lineno)
        node.body.insert(0, nodes.ExprStmt(price, lineno=node.lineno))
        return node

    visit_Template = visit_For = visit_Macro = visit_CallBlock = visit_Block = _metered

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        """`a ~ b`, bounded."""
        self.generic_visit(node)
        return self._call("joined", node.nodes, node.lineno)

    def _call(self, name: str, given: list[nodes.Expr], line: int) -> nodes.Call:
        """A call of one of the environment's own functions."""
        function = nodes.EnvironmentAttribute(name)
        call = nodes.Call(function, given, [], None, None)
        call.set_lineno(line).set_environment(self._environment)
        return call
