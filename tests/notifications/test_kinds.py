"""Which face a message has, and that each kind says what it must in every form it leaves in."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from ledger.letters import Letter, SignBy, Sort
from ledger.messages import LEAVES, ItemKind, MessageKind
from ledger.roles import Role
from notifications.kinds import Face, face, leaves
from notifications.phrases import LONGEST, day
from notifications.rendering import LARGEST_HTML, Place, Rendered, render
from notifications.samples import AT, ZONE, Sample, sample

pytestmark = pytest.mark.no_ledger

LINK = "https://duban.yunchuan.example/a_b"
SIGN = "https://duban.yunchuan.example/sign/x"
PLACE = Place(ZONE, LINK)
SUNDAY = date(2026, 5, 17)
PARTS = ("text", "html", "robot")


def said(one: Sample, **more: Any) -> Rendered:
    return render(replace(one.letter, **more), AT, PLACE, one.notice, one.sign_link)


def of_sorts(*sorts: tuple[ItemKind, int | None, Role]) -> Letter:
    letter = sample(Face.DIGEST).letter
    return replace(letter, sorts=frozenset(Sort(*sort) for sort in sorts))


RUNG, WEEKLY = ItemKind.RUNG, ItemKind.WEEKLY
CONTACT, LEADER, GROUP = Role.CONTACT, Role.LEADER, Role.LEADING_GROUP
LISTED = (WEEKLY, None, CONTACT)


@pytest.mark.parametrize(
    ("sorts", "leads"),
    [
        ([(RUNG, 0, CONTACT)], Face.DUE),
        ([(RUNG, 1, CONTACT), (RUNG, 0, CONTACT), LISTED], Face.URGE),
        ([(RUNG, 2, LEADER), (RUNG, 1, CONTACT)], Face.SUPERVISE),
        ([(RUNG, 3, GROUP), (RUNG, 2, LEADER)], Face.LEADING_GROUP),
        ([(RUNG, 3, LEADER)], Face.SUPERVISE),
        ([(RUNG, 7, GROUP)], Face.LEADING_GROUP),
        ([(RUNG, 0, CONTACT), (ItemKind.CLOSED, None, CONTACT)], Face.DUE),
        ([LISTED], Face.WEEKLY),
        ([(ItemKind.EXTENDED, None, CONTACT)], Face.EXTENSION),
        ([(ItemKind.EXTENDED, None, CONTACT), (ItemKind.LAPSED, None, CONTACT)], Face.EXTENSION),
        ([(ItemKind.CLOSED, None, CONTACT), LISTED], Face.CLOSED),
        ([(ItemKind.REOPENED, None, CONTACT)], Face.REOPENED),
        ([(ItemKind.STAGE_WAITING, None, Role.OFFICE)], Face.STAGE_WAITING),
        ([(ItemKind.AUDIT, None, Role.OFFICE)], Face.SELF_AUDIT),
        ([(ItemKind.CLOSED, None, CONTACT), (ItemKind.REOPENED, None, CONTACT)], Face.DIGEST),
        ([(ItemKind.MISSING, None, Role.OFFICE)], Face.DIGEST),
        ([(ItemKind.ASSIGNED, None, CONTACT), LISTED], Face.DIGEST),
    ],
)
def test_what_leads_a_daily_message_gives_it_its_face(
    sorts: list[tuple[ItemKind, int | None, Role]], leads: Face
) -> None:
    assert face(of_sorts(*sorts)) is leads


def test_a_message_of_its_own_has_its_own_face_whatever_it_holds() -> None:
    letter = of_sorts((RUNG, 3, GROUP))
    for kind in set(MessageKind) - {MessageKind.DIGEST}:
        assert face(replace(letter, kind=kind)) is Face(kind.value)
        assert leaves(Face(kind.value)) is LEAVES[kind]


@pytest.mark.parametrize("kind", Face)
def test_each_kind_has_a_sample_of_that_kind(kind: Face) -> None:
    assert face(sample(kind).letter) is kind


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", Face)
def test_each_kind_says_who_what_when_where_and_why(kind: Face, part: str) -> None:
    one = sample(kind)
    words = getattr(said(one), part)
    letter = one.letter
    expected = [f"{letter.to}同志：", letter.why, LINK]
    if part != "robot":
        expected += letter.campaigns
        expected += [line.headline for line in letter.lines if not letter.announcement]
        expected += [day(line.due) for line in letter.lines if line.due]
        expected += [f"已逾期{line.days_late}天" for line in letter.lines if line.days_late]
    for fact in filter(None, expected):
        assert fact in words
    assert "None" not in words and "{{" not in words


@pytest.mark.parametrize("kind", Face)
def test_each_subject_is_one_line_that_begins_with_what_it_is(kind: Face) -> None:
    subject = said(sample(kind)).subject
    assert subject.startswith("【") and len(subject.splitlines()) == 1
    assert len(subject) < 120


@pytest.mark.parametrize("kind", Face)
def test_plain_text_has_no_gaps_and_no_tails(kind: Face) -> None:
    for text in (said(sample(kind)).text, said(sample(kind), again=True, rest=3).text):
        assert "\n\n\n" not in text
        assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", Face)
def test_what_must_be_known_first_stands_near_the_top(kind: Face, part: str) -> None:
    more = {"again": True, "instead_of": "周正", "stands_in": ("吴越", "郑可")}
    words = getattr(said(sample(kind), **more), part)
    for note in (
        "如已收到请忽略。",
        "本消息原发给周正，因其地址不能用，转发给您。",
        "吴越、郑可外出期间由您代收。",
    ):
        assert note in words
        assert words.index(note) < words.index(LINK)
    assert "如已收到请忽略" not in getattr(said(sample(kind)), part)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", Face)
def test_what_is_to_be_signed_for_says_by_when_and_where(kind: Face, part: str) -> None:
    one = replace(sample(kind), sign_link=SIGN)
    words = getattr(said(one, sign_by=SignBy(SUNDAY, True)), part)
    assert "请于2026年5月17日（星期日，暂定）前签收" in words
    assert SIGN in words
    if part != "robot":
        assert "放假安排尚未公布" in words
    assert "前签收" not in getattr(said(one, sign_by=None), part)


@pytest.mark.parametrize("part", PARTS)
def test_without_a_link_to_sign_at_the_general_one_is_given(part: str) -> None:
    one = replace(sample(Face.NOTICE), sign_link=None)
    words = getattr(said(one), part)
    assert "前签收" in words and words.count(LINK) >= 2


@pytest.mark.parametrize("kind", Face)
def test_a_robot_says_at_most_ten_lines_and_a_link(kind: Face) -> None:
    lines = sample(kind).letter.lines * 50
    more = {
        "lines": lines,
        "again": True,
        "instead_of": "周正",
        "rest": 9,
        "campaigns": ("名" * 99,),
    }
    one = replace(sample(kind), sign_link=SIGN)
    robot = said(one, **more, sign_by=SignBy(SUNDAY, True)).robot
    written = [line for line in robot.splitlines() if line.strip()]
    assert len([line for line in written if not line.startswith("[")]) <= 10
    assert len(robot.encode()) <= 2048


def typed(value: Any, text: str) -> Any:
    """The same with this text wherever a person may have typed one."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return text if value else value
    if isinstance(value, Path):
        return Path(text.replace("/", "∕"))
    if isinstance(value, SignBy | Sort | datetime | date):
        return value
    if isinstance(value, tuple):
        return tuple(typed(one, text) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        named = {one.name: typed(getattr(value, one.name), text) for one in fields(value)}
        return replace(value, **named)
    if hasattr(value, "model_copy"):
        return value.model_copy(update={k: typed(v, text) for k, v in value})
    return value


HOSTILE = """<script>alert(1)</script><img src=x onerror=y> "'&amp;"""


@pytest.mark.parametrize("kind", Face)
def test_html_that_people_typed_is_shown_and_never_run(kind: Face) -> None:
    one = sample(kind)
    letter, notice = typed(one.letter, HOSTILE), typed(one.notice, HOSTILE)
    html = render(letter, AT, PLACE, notice, one.sign_link).html
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in html and "<img" not in html and "onerror=y>" not in html


MARKS = "**粗** _斜_ [点](http://x.example) <b>a</b> `c` # 题 ~~删~~ ![图](y) @所有人 www"


@pytest.mark.parametrize("kind", Face)
def test_what_people_typed_marks_nothing_up_for_robots(kind: Face) -> None:
    one = sample(kind)
    for text in (MARKS, "- 一", "1. 一", "---", "===", "> 引", "```"):
        letter, notice = typed(one.letter, text), typed(one.notice, text)
        robot = render(letter, AT, PLACE, notice, one.sign_link).robot
        tokens = MarkdownIt("commonmark").parse(robot)
        inline = [part for token in tokens for part in token.children or ()]
        kinds = {token.type for token in (*tokens, *inline)}
        assert kinds <= {
            *("paragraph_open", "paragraph_close", "inline", "text", "hardbreak"),
            *("blockquote_open", "blockquote_close", "strong_open", "strong_close"),
            *("link_open", "link_close"),
        }, (text, robot)
        assert sum(part.type == "strong_open" for part in inline) == 1
        links = [part.attrs["href"] for part in inline if part.type == "link_open"]
        assert set(links) <= {LINK, one.sign_link}
        assert "://x.example" not in robot


def test_brackets_in_an_address_do_not_end_the_link() -> None:
    place = Place(ZONE, "https://duban.yunchuan.example/a(b)c d")
    robot = render(sample(Face.URGE).letter, AT, place).robot
    assert "](https://duban.yunchuan.example/a%28b%29c%20d)" in robot


def test_a_page_is_shortened_until_mail_programs_show_all_of_it() -> None:
    one = sample(Face.URGE)
    line = replace(one.letter.lines[0], title="名" * 900, news="讯" * 900)
    page = said(one, lines=(line,) * 50, rest=0)
    assert len(page.html.encode()) <= LARGEST_HTML
    assert "另有38项" in page.html
    assert page.text.count("名" * 900) == 50


@pytest.mark.parametrize("kind", [Face.NOTICE, Face.CORRECTION, Face.RECALL])
def test_a_long_announcement_is_cut_in_the_page_alone_and_says_so(kind: Face) -> None:
    one = sample(kind)
    told = one.letter.announcement
    assert told is not None
    body = "\n\n".join('正<"' * 300 for _ in range(20))
    about = replace(told.about, body=body) if told.about else None
    page = said(one, announcement=replace(told, body=body, about=about))
    assert len(page.html.encode()) <= LARGEST_HTML
    assert page.html.count("正") <= 2 * LONGEST
    assert "正文较长，其余部分见本邮件的纯文本部分" in page.html
    assert page.text.count("正") >= 6000
    assert "正文较长" not in page.text


@pytest.mark.parametrize("part", ["text", "html"])
def test_a_correction_shows_what_was_wrong_why_and_the_right_text(part: str) -> None:
    words = getattr(said(sample(Face.CORRECTION)), part)
    right, wrong = words.index("5月21日上午"), words.index("5月20日上午")
    assert words.index("日期写错") < right < words.index("原来的（作废）") < wrong
    assert "2026年5月12日（星期二）09:00发出" in words
    assert "活动办赵明" in words and "会议议程.docx" in words


@pytest.mark.parametrize("part", PARTS)
def test_a_recall_says_what_is_taken_back_and_why(part: str) -> None:
    words = getattr(said(sample(Face.RECALL)), part)
    for fact in ("“读书活动推进会改期”现予撤回，请不要照它办理", "日期写错", "活动办赵明"):
        assert fact in words


def test_news_alone_asks_nothing_and_has_no_heading() -> None:
    text = said(sample(Face.CLOSED)).text
    assert "请您按期限办理" not in text and "【情况通知】" not in text
    assert "查看" in text


def test_a_message_opens_with_no_picture_no_table_and_no_style_sheet() -> None:
    for kind in Face:
        html = said(sample(kind)).html
        for tag in ("<img", "<table", "<style", "<link", "<script"):
            assert tag not in html
