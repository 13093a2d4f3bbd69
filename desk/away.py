"""duban posts away, back: who is out of office, and who hears in their stead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click
from sqlalchemy import select

from desk.speech import Answer
from desk.workplace import Desk
from ledger.absences import Absence, away_on, come_back, take_leave
from ledger.audit import Act, record
from ledger.finding import find_person
from ledger.units import Person, Post, valid_on


def away(
    desk: Desk,
    person: str,
    first: date | None,
    last: date | None,
    reason: str,
    deputy: str | None,
) -> Answer:
    """A person is out of office; warn of posts without a deputy, whose messages still go there."""
    found = find_person(desk.session, person)
    absence = take_leave(
        desk.session, found, first or desk.today, last, reason, desk.today, desk.actor, desk.now
    )
    posts = _posts(desk, found, absence.first)
    if deputy:
        _set_deputy(desk, found, posts, find_person(desk.session, deputy))
    desk.session.flush()
    said = [f"已登记{found.name}外出：{absence.span}。", *_warnings(desk, found, posts, absence)]
    return Answer(_data(absence, posts), said)


def back(desk: Desk, person: str) -> Answer:
    """The person is there again; where away only later, that is called off."""
    found = find_person(desk.session, person)
    absence = come_back(desk.session, found, desk.today, desk.actor, desk.now)
    off = absence.last is not None and absence.last < absence.first
    said = f"外出（{absence.first} 起）已取消" if off else f"外出已于 {absence.last} 结束"
    return Answer(_data(absence, []), [f"{found.name}的{said}，消息照常发给本人。"])


def _posts(desk: Desk, person: Person, day: date) -> Sequence[Post]:
    held = select(Post).where(Post.person_id == person.id, valid_on(Post, day))
    return desk.session.scalars(held.order_by(Post.id)).all()


def _set_deputy(desk: Desk, person: Person, posts: Sequence[Post], deputy: Person) -> None:
    if deputy.id == person.id:
        raise click.ClickException(f"{person.name}不能代理自己；请另写一位代理人。")
    for post in posts:
        before = f"，原为{post.deputy.name}" if post.deputy else ""
        note = f"第 {post.id} 号岗位（{_office(post)}）的代理人设为{deputy.name}{before}"
        if post.deputy_id != deputy.id:
            post.deputy = deputy
            record(desk.session, desk.actor, Act.DEPUTY_SET, desk.now, note=note)


def _warnings(desk: Desk, person: Person, posts: Sequence[Post], absence: Absence) -> list[str]:
    """Posts nobody stands in for, and deputies who are away themselves."""
    told = []
    if alone := [_office(post) for post in posts if post.deputy is None]:
        told.append(
            f"请注意：{'、'.join(alone)}没有代理人，外出期间消息仍发给{person.name}本人；"
            f"请在岗位表的“代理人”一栏写上再导入，或销假后重新登记并加 --deputy 姓名。"
        )
    deputies = {post.deputy_id for post in posts if post.deputy_id is not None}
    away_too = select(Person.name).where(Person.id.in_(deputies), away_on(absence.first, Person.id))
    if names := desk.session.scalars(away_too.order_by(Person.id)).all():
        told.append(f"请注意：代理人{'、'.join(names)}在 {absence.first} 也外出；请另设代理人。")
    return told


def _office(post: Post) -> str:
    return "/".join(filter(None, (post.unit.name if post.unit else None, post.role)))


def _data(absence: Absence, posts: Sequence[Post]) -> dict[str, object]:
    deputies = {_office(post): post.deputy.name if post.deputy else None for post in posts}
    return {
        "id": absence.id,
        "person": absence.person.name,
        "first": absence.first,
        "last": absence.last,
        "reason": absence.reason,
        "deputies": deputies,
    }
