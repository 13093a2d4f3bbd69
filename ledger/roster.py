"""The roster: units and posts taken in from tables, row by row, safe to repeat.

Each row is taken, found changed, found the same, or refused with the reason; a bad row never
stops the good ones. A table made before a unit was renamed, merged or closed undoes none of it: a
former name means the renamed unit, and what has ended keeps its end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.errors import LedgerError, Refused
from ledger.persons import check_reachable, known_person, take_person, update_person
from ledger.roles import Role
from ledger.unit_history import end_of, unit_named
from ledger.units import LONGEST_NAME, Person, Post, PostUnit, Respondent, Unit


class Fate(StrEnum):
    """What became of a row."""

    TAKEN = "新增"
    CHANGED = "更新"
    SAME = "未变"
    REFUSED = "拒收"


@dataclass(frozen=True)
class RowResult:
    """One row's fate: its line in the file, whom it names, and why."""

    line: int
    name: str
    fate: Fate
    why: str = ""


class TableRow(Protocol):
    """A row of a table: its line and its cells by heading."""

    @property
    def line(self) -> int: ...
    @property
    def cells(self) -> dict[str, str]: ...


UNIT_HEADINGS = ("单位名称", "类别")
POST_HEADINGS = ("姓名", "角色")
SEPARATORS = re.compile(r"[、,，;；]\s*")


def import_units(session: Session, rows: Sequence[TableRow]) -> list[RowResult]:
    """Take units in. Headings: 单位名称 类别 上级 [起 止]."""
    _check_headings(rows, UNIT_HEADINGS)
    seen: dict[str, int] = {}
    results = [
        _try(session, row, "单位名称", lambda row: _take_unit(session, row, seen)) for row in rows
    ]
    return [_with_parent(session, row, result) for row, result in zip(rows, results, strict=True)]


def import_posts(session: Session, rows: Sequence[TableRow]) -> list[RowResult]:
    """Take posts in. Headings: 姓名 职务 角色 单位 分管单位 手机 邮箱 企业微信 起 止 代理人."""
    _check_headings(rows, POST_HEADINGS)
    results = [_try(session, row, "姓名", lambda row: _take_post(session, row)) for row in rows]
    return [_with_deputy(session, row, result) for row, result in zip(rows, results, strict=True)]


def _check_headings(rows: Sequence[TableRow], wanted: Sequence[str]) -> None:
    if not rows:
        raise Refused("表里没有数据行；请填好后再导入。")
    if missing := [name for name in wanted if name not in rows[0].cells]:
        raise Refused(f"表头缺少“{'、'.join(missing)}”；请照样表补上这一列再导入。")


def _try(session: Session, row: TableRow, heading: str, take: object) -> RowResult:
    name = row.cells.get(heading, "")
    try:
        with session.begin_nested():
            fate, why = take(row)  # type: ignore[operator]
            session.flush()
    except LedgerError as refusal:
        return RowResult(row.line, name, Fate.REFUSED, str(refusal))
    return RowResult(row.line, name, fate, why)


def _take_unit(session: Session, row: TableRow, seen: dict[str, int]) -> tuple[Fate, str]:
    name, unit_class = row.cells.get("单位名称", ""), row.cells.get("类别", "")
    if not name or not unit_class:
        raise Refused("单位名称和类别都要填写。")
    if len(name) > LONGEST_NAME:
        raise Refused(f"单位名称不能超过 {LONGEST_NAME} 个字；请缩短。")
    unit = unit_named(session, name)
    now_called = unit.name if unit else name
    if now_called in seen:
        raise Refused(f"与第 {seen[now_called]} 行重名；请核对，同名单位要用能区分的全称。")
    seen[now_called] = row.line
    wanted = {
        "unit_class": unit_class,
        "valid_from": _date(row, "起"),
        "valid_until": _date(row, "止"),
    }
    if unit is None:
        unit = Unit(name=name, **wanted)
        session.add(unit)
        session.flush()
        session.add(Respondent(unit_id=unit.id, name=name))
        return Fate.TAKEN, ""
    remarks = [f"已更名为“{unit.name}”"] if unit.name != name else []
    end = end_of(session, unit) if unit.valid_until != wanted["valid_until"] else None
    if end is not None:
        wanted["valid_until"] = unit.valid_until
        remarks.append(f"{end}，“止”不改")
    return _update(unit, wanted)[0], "；".join(remarks)


def _with_parent(session: Session, row: TableRow, result: RowResult) -> RowResult:
    """Parents are tied after all rows are in, so that order does not matter."""
    name = row.cells.get("上级", "")
    if result.fate is Fate.REFUSED:
        return result
    unit = _unit(session, result.name)
    parent = unit_named(session, name) if name else None
    if name and parent is None:
        return _adding(result, f"没有“{name}”这个上级单位，未设上级；请核对。")
    fate, _ = _update(unit, {"parent_id": parent.id if parent else None})
    changed = fate is Fate.CHANGED and result.fate is Fate.SAME
    return replace(result, fate=Fate.CHANGED) if changed else result


def _update(row: Unit | Post, wanted: Mapping[str, object]) -> tuple[Fate, str]:
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, wanted[name])
    return (Fate.CHANGED, "") if changed else (Fate.SAME, "")


def _take_post(session: Session, row: TableRow) -> tuple[Fate, str]:
    role = _role(row)
    name = row.cells.get("姓名", "")
    if not name:
        raise Refused("姓名要填写。")
    check_reachable(name, row.cells)
    unit = _unit(session, row.cells["单位"]) if row.cells.get("单位") else None
    if role in (Role.CONTACT, Role.HEAD) and unit is None:
        raise Refused(f"角色“{role}”要填写单位。")
    covered = _covered(session, row.cells.get("分管单位", ""))
    if role in (Role.LEADER, Role.SUPERVISION) and not covered:
        raise Refused(f"角色“{role}”要填写分管（包联、督导）单位。")
    person, person_fate = _take_person(session, row, name)
    post, post_fate, why = _take_own_post(session, row, person, role, unit)
    over = _set_covered(session, post, covered)
    if post_fate is Fate.TAKEN:
        return Fate.TAKEN, why
    changed = over or Fate.CHANGED in (person_fate, post_fate)
    return (Fate.CHANGED if changed else Fate.SAME), why


def _take_person(session: Session, row: TableRow, name: str) -> tuple[Person, Fate]:
    person = known_person(session, name, row.cells)
    if person is None:
        return take_person(session, name, row.cells), Fate.TAKEN
    changed = update_person(session, person, row.cells)
    return person, Fate.CHANGED if changed else Fate.SAME


def _take_own_post(
    session: Session, row: TableRow, person: Person, role: Role, unit: Unit | None
) -> tuple[Post, Fate, str]:
    unit_id = unit.id if unit else None
    valid_until, why = _last_day(session, row, unit)
    wanted = {
        "title": row.cells.get("职务", ""),
        "valid_from": _date(row, "起"),
        "valid_until": valid_until,
    }
    post = session.scalar(
        select(Post).where(
            Post.person_id == person.id,
            Post.role == role,
            Post.unit_id.is_not_distinct_from(unit_id),
        )
    )
    if post is not None:
        return post, _update(post, wanted)[0], why
    post = Post(person_id=person.id, role=role, unit_id=unit_id, **wanted)
    session.add(post)
    session.flush()
    session.add(Respondent(post_id=post.id, name=f"{unit.name + '·' if unit else ''}{person.name}"))
    return post, Fate.TAKEN, why


def _last_day(session: Session, row: TableRow, unit: Unit | None) -> tuple[date | None, str]:
    """When a post ends, by the row, but never after its unit did; and what is to be said of it."""
    written = _date(row, "止")
    if unit is None:
        return written, ""
    remarks = [f"单位已更名为“{unit.name}”"] if unit.name != row.cells["单位"] else []
    end, last = end_of(session, unit), unit.valid_until
    if end is not None and last is not None and (written is None or written > last):
        remarks.append(f"{end}，岗位止于那天")
        written = last
    return written, "；".join(remarks)


def _set_covered(session: Session, post: Post, units: list[Unit]) -> bool:
    rows = session.scalars(select(PostUnit).where(PostUnit.post_id == post.id)).all()
    have, want = {row.unit_id for row in rows}, {unit.id for unit in units}
    for row in rows:
        if row.unit_id not in want:
            session.delete(row)
    session.add_all(PostUnit(post_id=post.id, unit_id=id) for id in want - have)
    return have != want


def _covered(session: Session, text: str) -> list[Unit]:
    """Units by name, or every unit of a class."""
    found: list[Unit] = []
    for word in filter(None, SEPARATORS.split(text.strip())):
        of_class = session.scalars(select(Unit).where(Unit.unit_class == word)).all()
        found += of_class or [_unit(session, word)]
    return found


def _with_deputy(session: Session, row: TableRow, result: RowResult) -> RowResult:
    """Deputies are tied after all rows are in, so that order does not matter."""
    name = row.cells.get("代理人", "")
    if not name or result.fate is Fate.REFUSED:
        return result
    deputies = session.scalars(select(Person).where(Person.name == name)).all()
    if len(deputies) != 1:
        why = f"代理人“{name}”{'有重名' if deputies else '不在表里'}，未设代理人；请核对。"
        return _adding(result, why)
    for post in _posts_named(session, row):
        post.deputy_id = deputies[0].id
    return result


def _adding(result: RowResult, why: str) -> RowResult:
    return replace(result, why="；".join(filter(None, (result.why, why))))


def _posts_named(session: Session, row: TableRow) -> list[Post]:
    posts = session.scalars(
        select(Post)
        .join(Person, Person.id == Post.person_id)
        .where(Person.name == row.cells["姓名"], Post.role == _role(row))
    )
    name = row.cells.get("单位", "")
    unit_id = _unit(session, name).id if name else None
    return [post for post in posts if unit_id in (None, post.unit_id)]


def _role(row: TableRow) -> Role:
    word = row.cells.get("角色", "")
    if word not in tuple(Role):
        raise Refused(f"没有“{word}”这个角色；角色只能是{'、'.join(Role)}。")
    return Role(word)


def _unit(session: Session, name: str) -> Unit:
    unit = unit_named(session, name)
    if unit is None:
        raise Refused(f"没有“{name}”这个单位或类别；请先导入单位，或改正名称。")
    return unit


def _date(row: TableRow, heading: str) -> date | None:
    text = row.cells.get(heading, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{heading}”一栏的“{text}”不是存在的日期；请写成 2017-04-28。") from None
