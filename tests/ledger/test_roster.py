"""Units and posts from tables: row by row, safe to repeat, a bad row never stops the good ones."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from ledger.errors import Refused
from ledger.roster import Fate, import_posts, import_units
from ledger.units import Person, Post, PostUnit, Respondent, Unit
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
