"""Units and posts from tables: row by row, safe to repeat, a bad row never stops the good ones."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from sqlalchemy import func, select

from ledger.audit import Actor
from ledger.errors import Refused
from ledger.roster import Fate, import_posts, import_units
from ledger.unit_fates import close_unit, merge_unit, rename_unit
from ledger.units import Person, Post, PostUnit, Respondent, Unit
from ledger.workdays import SHANGHAI, WorkCalendar
from tests import store
from tests.ledger.play import rows

UNITS = "单位名称,类别,上级\n一中,学校,教育局\n教育局,本局,\n二中,学校,\n"


@pytest.fixture
def session():
    with store.empty().writing() as session:
        yield session


def fates(results):
    return [result.fate.value for result in results]


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_units_come_in_whatever_the_order_and_again_without_harm(session):
    assert fates(import_units(session, rows(UNITS))) == ["新增"] * 3
    assert fates(import_units(session, rows(UNITS))) == ["未变"] * 3
    changed = UNITS.replace("二中,学校", "二中,机构")
    assert fates(import_units(session, rows(changed))) == ["未变", "未变", "更新"]
    assert count(session, Unit) == count(session, Respondent) == 3


def test_two_units_of_one_name_are_refused_and_the_rest_is_taken(session):
    results = import_units(session, rows("单位名称,类别\n一中,学校\n一中,机构\n二中,学校\n"))
    assert fates(results) == ["新增", "拒收", "新增"]
    assert "与第 2 行重名" in results[1].why
    assert session.scalars(select(Unit.unit_class)).all() == ["学校", "学校"]


def test_a_table_without_the_headings_is_refused_whole(session):
    with pytest.raises(Refused, match="表头缺少“类别”"):
        import_units(session, rows("单位名称\n一中\n"))
    with pytest.raises(Refused, match="没有数据行"):
        import_units(session, [])


POSTS = """姓名,职务,角色,单位,分管单位,手机,邮箱,企业微信,起,止,代理人
联一,主任,联络员,一中,,1990001,l@a.example,,,,
联一,副校长,主要负责人,一中,,1990001,l@a.example,,,,
领甲,副局长,责任领导,,学校,,g@a.example,,,,联一
"""


def test_posts_come_in_with_persons_units_and_deputies_and_again_without_harm(session):
    import_units(session, rows(UNITS))
    assert fates(import_posts(session, rows(POSTS))) == ["新增"] * 3
    assert count(session, Person) == 2, "one name and one mobile are one person"
    assert count(session, PostUnit) == 2, "a class stands for all its units"
    leader = session.scalars(select(Post).where(Post.title == "副局长")).one()
    assert leader.deputy.name == "联一"
    assert fates(import_posts(session, rows(POSTS))) == ["未变"] * 3
    assert count(session, Post) == 3
    moved = POSTS.replace("1990001,l@a", "1990001,new@a").replace(",学校,", ",一中,")
    assert fates(import_posts(session, rows(moved))) == ["更新", "未变", "更新"]
    assert count(session, PostUnit) == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("甲,,联络员,一中,,,,,,,", "没有手机、邮箱或企业微信"),
        ("甲,,联络员,一中,,,不是邮箱,,,,", "不是邮箱地址"),
        ("甲,,校长,一中,,199,,,,,", "没有“校长”这个角色"),
        ("甲,,联络员,三中,,199,,,,,", "没有“三中”这个单位"),
        ("甲,,联络员,,,199,,,,,", "要填写单位"),
        ("甲,,责任领导,,,199,,,,,", "要填写分管"),
        ("甲,,联络员,一中,,199,,,2017-02-30,,", "不是存在的日期"),
        (",,联络员,一中,,199,,,,,", "姓名要填写"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_leaves_nothing(session, row, why):
    import_units(session, rows(UNITS))
    header = POSTS.splitlines()[0]
    good = "乙,,联络员,二中,,1990009,,,,,"
    bad, taken = import_posts(session, rows(f"{header}\n{row}\n{good}\n"))
    assert (bad.fate, taken.fate) == (Fate.REFUSED, Fate.TAKEN)
    assert why in bad.why
    assert session.scalars(select(Person.name)).all() == ["乙"]


def test_a_deputy_not_in_the_table_is_said_and_the_post_is_taken_all_the_same(session):
    import_units(session, rows(UNITS))
    results = import_posts(session, rows(POSTS.replace(",联一\n", ",无此人\n")))
    assert results[2].fate is Fate.TAKEN
    assert "不在表里" in results[2].why


TODAY, NOW = date(2017, 4, 24), datetime(2017, 4, 24, 10, tzinfo=SHANGHAI)
BY = Actor(None, "test")


def unit(session, name):
    return session.scalars(select(Unit).where(Unit.name == name)).one()


@pytest.fixture
def changed(session):
    """一中 is called 实验中学 now, 二中 is merged into it, 三中 closed."""
    table = UNITS + "三中,学校,一中\n"
    posts = POSTS + "联二,,联络员,二中,,1990002,,,,,\n联三,,联络员,三中,,1990003,,,,2017-03-31,\n"
    import_units(session, rows(table))
    import_posts(session, rows(posts))
    cal = WorkCalendar()
    rename_unit(session, unit(session, "一中"), "实验中学", TODAY, BY, "", NOW, cal)
    heir = unit(session, "实验中学")
    merge_unit(session, unit(session, "二中"), heir, TODAY, BY, "", NOW, cal)
    close_unit(session, unit(session, "三中"), TODAY, BY, "", NOW, cal)
    session.flush()
    return table, posts


def test_the_units_of_before_imported_again_undo_no_change(session, changed):
    results = import_units(session, rows(changed[0]))
    assert fates(results) == ["未变"] * 4
    assert [result.why for result in results] == [
        "已更名为“实验中学”",
        "",
        "“二中”已于 2017-04-23 并入实验中学，“止”不改",
        "“三中”已于 2017-04-23 撤销，“止”不改",
    ]
    assert count(session, Unit) == count(session, Respondent) - count(session, Post) == 4
    assert unit(session, "二中").valid_until == date(2017, 4, 23)
    assert unit(session, "三中").parent_id == unit(session, "实验中学").id


def test_a_table_with_both_names_of_a_unit_is_refused_the_second(session, changed):
    results = import_units(session, rows("单位名称,类别,上级\n实验中学,学校,教育局\n一中,机构,\n"))
    assert fates(results) == ["未变", "拒收"]
    assert unit(session, "实验中学").unit_class == "学校"


def test_the_posts_of_before_imported_again_undo_no_change(session, changed):
    before = dict(session.execute(select(Post.id, Post.valid_until)).all())
    results = import_posts(session, rows(changed[1]))
    assert fates(results) == ["未变"] * 5
    assert [result.why for result in results] == [
        *["单位已更名为“实验中学”"] * 2,
        "",
        "“二中”已于 2017-04-23 并入实验中学，岗位止于那天",
        "",
    ]
    assert dict(session.execute(select(Post.id, Post.valid_until)).all()) == before
    assert set(before.values()) == {None, date(2017, 4, 23), date(2017, 3, 31)}


def test_a_post_named_anew_in_a_unit_that_is_no_more_ends_with_it(session, changed):
    header = POSTS.splitlines()[0]
    (result,) = import_posts(session, rows(f"{header}\n新三,,联络员,三中,,1990009,,,,,\n"))
    assert result.fate is Fate.TAKEN
    post = session.scalars(select(Post).where(Post.person.has(name="新三"))).one()
    assert post.valid_until == date(2017, 4, 23)


def test_a_name_too_long_to_keep_is_refused(session):
    (result,) = import_units(session, rows(f"单位名称,类别\n{'校' * 121},学校\n"))
    assert result.why == "单位名称不能超过 120 个字；请缩短。"
