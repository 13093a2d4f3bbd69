"""What can be typed after a command: arguments and options, with their kinds and their words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import click

from ledger.horizon import RIGHT, is_within

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Day(click.ParamType[date, Any]):
    """A date that exists, as 2017-04-28, and that the ledger can reckon with."""

    name = "日期"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Fails with one sentence when there is no such day."""
        if isinstance(value, date):
            return value
        day = _day(value)
        if day is None:
            self.fail(f"“{value}”不是存在的日期，请写成 2017-04-28 这样。", param, ctx)
        if not is_within(day):
            self.fail(f"“{value}”超出范围：{RIGHT}，请核对年份。", param, ctx)
        return day


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


class Moved(click.ParamType[tuple[str, date], Any]):
    """An item and its new date, as s1-o07=2017-05-10."""

    name = "事项=日期"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, date]:
        """Fails with one sentence when it is not item=date."""
        if isinstance(value, tuple):
            return value
        item, sign, day = str(value).partition("=")
        if not item or not sign:
            self.fail(f"“{value}”请写成 事项=日期，例如 s1-o07=2017-05-10。", param, ctx)
        return item, Day().convert(day, param, ctx)


class OneOf(click.ParamType[str, Any]):
    """One of some words; `words` maps what is stored to what people say, and either is taken."""

    name = "词"

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """The words to choose from."""
        return "|".join(self.words.values())

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """The stored word; fails with the list of words."""
        for stored, said in self.words.items():
            if value in (stored, said):
                return stored
        self.fail(f"没有“{value}”，可写：{'、'.join(self.words.values())}。", param, ctx)


def argument(name: str, metavar: str, **given: Any) -> click.Argument:
    """A positional argument."""
    return click.Argument([name], metavar=metavar, **given)


def option(flag: str, metavar: str, help: str, **given: Any) -> click.Option:
    """An option that takes a value; `name`: its name in Python, where the flag's will not do."""
    decls = [flag, given.pop("name")] if "name" in given else [flag]
    return click.Option(decls, metavar=metavar, help=help, **given)


def flag(decl: str, name: str, help: str) -> click.Option:
    """An option that takes no value."""
    return click.Option([decl, name], is_flag=True, help=help)


def verdict(decl: str, name: str, help: str) -> click.Option:
    """Two options of which one must be given, as --ok/--return: True for the first."""
    return click.Option([decl, name], default=None, callback=_given, help=help)


def _given(ctx: click.Context, param: click.Parameter, value: bool | None) -> bool:
    if value is None:
        both = [*param.opts, *param.secondary_opts]
        raise click.MissingParameter(ctx=ctx, param=param, param_hint=both)
    return value


def day(decl: str, help: str, **given: Any) -> click.Option:
    """An option that takes a date."""
    return option(decl, "日期", help, type=Day(), **given)


def file(decl: str, help: str, **given: Any) -> click.Option:
    """An option that takes a file."""
    return option(decl, "文件", help, type=PATH, **given)


def plan_file() -> click.Argument:
    """The plan a command is about."""
    return argument("plan", "方案", type=PATH)


PATH = click.Path(path_type=Path)
"""Whether the file is there is for the command to say, in its own words."""

AS_JSON = flag("--json", "as_json", "输出 JSON，供程序读取")
AS_POST = option("--as", "岗位", "以哪个岗位操作：编号、姓名、角色或 单位/角色", name="as_post")

SLUG = argument("slug", "活动")
NUMBER = argument("number", "编号", type=int)
UNIT = option("--unit", "单位", "哪个单位；可只写名称中的一段")
OF_CAMPAIGN = option("--campaign", "活动", "只看这个活动")
THE_CAMPAIGN = option("--campaign", "活动", "哪个活动；只有一个在进行时可以不写")
