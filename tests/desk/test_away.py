from __future__ import annotations

import pytest
from sqlalchemy import select

from ledger.audit import Act, Audit
from tests.conftest import Someone
from tests.desk.conftest import Terminal

DAYS = ("--from", "2017-05-08", "--to", "2017-05-12")
HEAD = "沈云帆"
"""The head of the owner's school, who has no deputy."""


def away(desk: Terminal, name: str) -> str | None:
    (row,) = [row for row in desk.ask("posts", "list") if row["name"] == name]
    return str(row["away"]) if row["away"] else None


def test_who_is_away_is_listed_with_the_posts(
    desk: Terminal, owner: Someone, office: Someone
) -> None:
    said = desk.type("posts", "away", owner.name, *DAYS, "--reason", "培训", as_=office).stdout
    assert said == "已登记韩若竹外出：2017-05-08 至 2017-05-12。\n"
    assert away(desk, owner.name) == "2017-05-08 至 2017-05-12"
    assert "2017-05-08 至 2017-05-12" in desk.type("posts", "list", "--unit", owner.unit).stdout
    desk.at("2017-05-13T09:00:00")
    assert away(desk, owner.name) is None


def test_without_days_it_begins_today_and_lasts_until_back(
    desk: Terminal, owner: Someone, office: Someone
) -> None:
    desk.ask("posts", "away", owner.name, as_=office)
    assert away(desk, owner.name) == "2017-04-14 起"
    desk.at("2017-04-17T09:00:00")
    said = desk.type("posts", "back", owner.name, as_=office).stdout
    assert said == "韩若竹的外出已于 2017-04-16 结束，消息照常发给本人。\n"
    assert away(desk, owner.name) is None


def test_an_absence_to_come_can_be_called_off(
    desk: Terminal, owner: Someone, office: Someone
) -> None:
    desk.ask("posts", "away", owner.name, *DAYS, as_=office)
    said = desk.type("posts", "back", owner.name, as_=office).stdout
    assert said == "韩若竹的外出（2017-05-08 起）已取消，消息照常发给本人。\n"
    assert away(desk, owner.name) is None


def test_a_post_without_a_deputy_is_named(desk: Terminal, office: Someone) -> None:
    said = desk.type("posts", "away", HEAD, *DAYS, as_=office).stdout
    assert "云川市第一中学/主要负责人没有代理人，外出期间消息仍发给沈云帆本人" in said


def test_a_deputy_is_set_for_the_posts_and_recorded(
    desk: Terminal, owner: Someone, office: Someone
) -> None:
    done = desk.ask("posts", "away", HEAD, *DAYS, "--deputy", owner.name, as_=office)
    assert done["deputies"] == {"云川市第一中学/主要负责人": owner.name}
    (row,) = [row for row in desk.ask("posts", "list") if row["name"] == HEAD]
    assert row["deputy"] == owner.name
    with desk.database().reading() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
        assert [(row.act, row.by_post_id) for row in rows] == [
            (Act.WENT_AWAY, office.post_id),
            (Act.DEPUTY_SET, office.post_id),
        ]
        assert rows[1].note == "第 15 号岗位（云川市第一中学/主要负责人）的代理人设为韩若竹"


def test_a_deputy_who_is_away_too_is_named(desk: Terminal, owner: Someone, office: Someone) -> None:
    desk.ask("posts", "away", owner.name, *DAYS, as_=office)
    said = desk.type("posts", "away", HEAD, *DAYS, "--deputy", owner.name, as_=office).stdout
    assert "请注意：代理人韩若竹在 2017-05-08 也外出；请另设代理人。" in said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("away", "韩若祝"), "没有“韩若祝”这个人；是不是“韩若竹”。"),
        (("away", HEAD, "--deputy", "谁也不是"), "没有“谁也不是”这个人"),
        (("away", HEAD, "--deputy", HEAD), "沈云帆不能代理自己；请另写一位代理人。"),
        (("away", HEAD, "--from", "2017-05-02", "--to", "2017-05-01"), "早于“起”（2017-05-02）"),
        (("away", HEAD, "--from", "2017-04-03", "--to", "2017-04-05"), "已经过去；请改正日期。"),
        (("back", HEAD), "沈云帆没有登记外出，不需要销假。"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    desk: Terminal, office: Someone, typed: tuple[str, ...], said: str
) -> None:
    assert said in desk.refused("posts", *typed, as_=office)
    assert away(desk, HEAD) is None


def test_days_already_registered_are_refused(
    desk: Terminal, owner: Someone, office: Someone
) -> None:
    desk.ask("posts", "away", owner.name, *DAYS, as_=office)
    said = desk.refused("posts", "away", owner.name, "--from", "2017-05-12", as_=office)
    assert said == (
        "韩若竹已登记外出（2017-05-08 至 2017-05-12），与这次重叠；"
        "要改日期，请先用 duban posts back 韩若竹 销假，再重新登记。"
    )
