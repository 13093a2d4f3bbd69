"""A bureau's own templates: what they can do, and that a broken one is named and does no harm."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from notifications.builtin import BUILT_IN
from notifications.guard import Guarded
from notifications.kinds import PARTS, Face
from notifications.rendering import Place, Rendered, render
from notifications.samples import AT, ZONE, sample
from notifications.trial import faults
from notifications.wording import Wording

pytestmark = pytest.mark.no_ledger

LINK = "https://duban.yunchuan.example"
HEAD = '{% import "urge/words.txt" as face %}'


def write(folder: Path, name: str, content: str | bytes) -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())


def read(folder: Path | None, kind: Face = Face.URGE) -> Rendered:
    one = sample(kind)
    return render(one.letter, AT, Place(ZONE, LINK, folder), one.notice, one.sign_link)


@pytest.fixture
def built_in(tmp_path: Path) -> Rendered:
    (tmp_path / "none").mkdir()
    return read(tmp_path / "none")


def test_in_the_guarded_environment_ours_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    for kind in Face:
        for part in PARTS:
            write(tmp_path, f"{kind}/{part}", f'{{% extends "{kind}/{part}" %}}')
    assert [read(tmp_path, kind) for kind in Face] == [
        read(tmp_path / "none", kind) for kind in Face
    ]
    assert faults(tmp_path) == ()


def test_a_subject_of_ones_own_is_used(tmp_path: Path, built_in: Rendered) -> None:
    write(tmp_path, "urge/subject.txt", "请尽快办理：{{ letter.total }}项\n")
    assert read(tmp_path) == replace(built_in, subject="请尽快办理：4项")
    assert faults(tmp_path) == ()


def test_the_example_of_the_readme_works(tmp_path: Path) -> None:
    readme = Path("config/templates/README.md").read_text(encoding="utf-8")
    write(tmp_path, "urge/subject.txt", readme.split("```\n")[1])
    assert read(tmp_path).subject == "请尽快办理：读书等2个活动，4项"
    assert faults(tmp_path) == ()


def test_one_block_is_changed_and_the_rest_stays(tmp_path: Path, built_in: Rendered) -> None:
    own = '{% extends "urge/body.txt" %}{% block lead %}务必今天办。{{ super() }}{% endblock +%}'
    write(tmp_path, "urge/body.txt", own)
    assert read(tmp_path).text == built_in.text.replace(
        "有1项已过期限", "务必今天办。有1项已过期限"
    )
    assert faults(tmp_path) == ()


def test_an_override_of_one_kind_may_stand_on_another_kind(tmp_path: Path) -> None:
    write(tmp_path, "digest/body.txt", "不用的")
    write(tmp_path, "urge/body.txt", '{% extends "digest/body.txt" %}')
    assert "今天有下列事项请您知悉、办理。" in read(tmp_path).text
    assert read(tmp_path, Face.DIGEST).text == "不用的"


def test_what_stands_on_a_base_follows_the_bureaus_base(tmp_path: Path) -> None:
    own = '{% extends "_base/body.txt" %}{% block act %}电话 0000-1234567。\n{% endblock %}'
    write(tmp_path, "_base/body.txt", own)
    for kind in (Face.URGE, Face.WEEKLY, Face.SEND_BACK):
        assert "电话 0000-1234567。" in read(tmp_path, kind).text
        assert "去办理" in read(tmp_path, kind).html


def test_the_first_sentence_is_changed_for_text_page_and_robot_at_once(tmp_path: Path) -> None:
    own = '{% set name = "急" %}{% set tone = "#000" %}{% macro lead(_) %}快办<b>。{% endmacro %}'
    write(tmp_path, "urge/words.txt", own)
    said = read(tmp_path)
    assert said.subject.startswith("【急】")
    assert "快办<b>。" in said.text
    assert "快办&lt;b&gt;。" in said.html
    assert "快办＜b＞。" in said.robot
    assert faults(tmp_path) == ()


def test_a_part_of_the_bureaus_own_may_be_included(tmp_path: Path) -> None:
    write(tmp_path, "ours/phone.txt", "电话 0000，{{ letter.to }}")
    write(tmp_path, "urge/body.txt", '{% include "ours/phone.txt" %}')
    assert read(tmp_path).text == "电话 0000，李文静"
    assert faults(tmp_path) == ()


def test_a_changed_file_is_seen_by_the_next_place(tmp_path: Path) -> None:
    write(tmp_path, "urge/subject.txt", "甲")
    assert read(tmp_path).subject == "甲"
    write(tmp_path, "urge/subject.txt", "乙乙")
    assert read(tmp_path).subject == "乙乙"


def test_windows_mark_at_the_beginning_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "urge/subject.txt", "\ufeff甲".encode())
    assert read(tmp_path).subject == "甲"


RECURSES = "{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}"
DOUBLES = (
    "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(40) }}"
)
SIX_DEEP = "".join(f"{{% for a{n} in letter.lines * 1 or letter.lines %}}" for n in range(6))
LOOPS = "{% for a in t %}" * 12 + "{% endfor %}" * 12

BROKEN = {
    "a tag nobody knows": ("甲\n{% nonsense %}", 2, "没有“nonsense”这个标签"),
    "no end": (
        "甲\n{% for line in letter.lines %}\n{{ line.title }}",
        3,
        "“for”没有用 endfor 结束",
    ),
    "half a bracket": ("甲{{ letter.to }\n", 1, "“}”放得不对"),
    "two words": ("甲\n\n{{ letter to }}", 3, "这里应是“}}”，写成了“to”"),
    "a variable nobody knows": (
        "甲\n{% if letter.late %}{{ leter.to }}{% endif %}",
        2,
        "没有“leter”这一项",
    ),
    "a field nobody knows": ("甲\n\n{{ letter.nmae }}", 3, "没有“nmae”这一项"),
    "a field of nothing": (
        "{{ notice.document }}",
        1,
        "取“document”的那一项是空的，请先用 if 判断",
    ),
    "nothing printed": ("甲{{ sign_link }}", 1, "这一项是空的，请先用 if 判断"),
    "a list printed": ("甲\n{{ letter.lines }}", 2, "这一项不是文字，不能直接写出来"),
    "a missing include": (
        "\n{% include 'ours/nothing.txt' %}",
        2,
        "要用的“ours/nothing.txt”没有，或者有错",
    ),
    "out of the folder": (
        "{% include '../../settings.py' %}",
        *(1, "“../../settings.py”在模板文件夹之外，只能写 种类/文件 这样的名称"),
    ),
    "an absolute path": (
        "{% extends '/etc/passwd' %}",
        *(1, "“/etc/passwd”在模板文件夹之外，只能写 种类/文件 这样的名称"),
    ),
    "text as if it were a page": (
        "{% include '_base/words.html' %}",
        *(1, ".txt 文件里只能用同样后缀的模板，“_base/words.html”不行"),
    ),
    "a name that is reckoned": ("{% include letter.to %}", 1, "要用的模板须写成引号里的一个名称"),
    "a macro without end": (RECURSES, 1, "没完没了地用到自己"),
    "a macro that doubles": (DOUBLES, 1, "要做的事太多，多半是循环套循环，或没完没了地调用自己"),
    "loops in loops": (
        "{% set t = 'abcdefghij' %}" + LOOPS,
        *(1, "要做的事太多，多半是循环套循环，或没完没了地调用自己"),
    ),
    "a text that doubles": (
        "{% set ns = namespace(x='甲') %}{% set t = 'abcdefghij' %}"
        "{% for a in t %}{% for b in t %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{% endfor %}",
        *(1, "要做的事太多，多半是循环套循环，或没完没了地调用自己"),
    ),
    "a list that doubles": ("{% set x = [letter, letter] %}", 1, "列表里只能写固定的文字和数"),
    "a power": ("{{ 9 ** 9 ** 9 }}", 1, "“**”两边只能是数"),
    "a text times a number": ("{{ 'a' * 1000000000 }}", 1, "“*”两边只能是数"),
    "a text made wide": ("{{ 'a'.center(1000000000) }}", 1, "不许在模板里调用程序"),
    "range": ("{% for n in range(1000000000) %}甲{% endfor %}", 1, "没有“range”这一项"),
    "a filter that is not allowed": ("{{ letter.to | safe }}", 1, "没有“safe”这个过滤器，或不许用"),
    "a test nobody knows": ("{{ letter is nonsense }}", 1, "没有“nonsense”这个判断"),
    "no escaping": (
        "{% autoescape false %}甲{% endautoescape %}",
        *(1, "不许关闭转义，否则别人写的名称会变成网页代码"),
    ),
    "what is hidden": ("{{ letter.__class__ }}", 1, "不许取用“__class__”"),
    "what is hidden in a filter": (
        "{{ letter.lines | map(attribute='__class__') | first }}",
        *(1, "不许取用“__class__”"),
    ),
    "a program called": ("{{ letter.shortened(1).to }}", 1, "不许在模板里调用程序"),
    "nothing said": ("{# 甲 #}\n \n", None, "写出来是空的"),
    "too long": (
        f"{{% for a in '{'a' * 60}' %}}{'甲' * 5000}{{% endfor %}}",
        None,
        "写出来的超过 200000 字",
    ),
    "not UTF-8": ("甲".encode("gbk"), None, "文件不是 UTF-8 编码，请另存为 UTF-8"),
    "too large": ("甲" * 40_000, None, "文件超过 64 KB"),
    "brackets without end": ("{{ " + "(" * 5000, None, "没完没了地用到自己"),
    "loops too deep": ("{% for a in 'a' %}" * 30 + "{% endfor %}" * 30, None, "写法读不懂"),
}


@pytest.mark.parametrize(("content", "line", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_override_is_named_and_the_built_in_one_is_used(
    content: str | bytes, line: int | None, why: str, tmp_path: Path, built_in: Rendered
) -> None:
    write(tmp_path, "urge/body.txt", content)
    assert read(tmp_path) == built_in
    (fault,) = faults(tmp_path)
    where = f"urge/body.txt 第 {line} 行" if line else "urge/body.txt"
    assert fault.sentence == f"改写的模板 {where}：{why}；请改正，现用自带的。"


@pytest.mark.parametrize(
    "subject", ["甲\n乙", "{{ letter.to }}\r\nBcc: x@x.example", "\n{% if 1 %}\n", " "]
)
def test_a_subject_with_a_line_break_or_nothing_in_it_is_not_used(
    subject: str, tmp_path: Path, built_in: Rendered
) -> None:
    write(tmp_path, "urge/subject.txt", subject)
    assert read(tmp_path) == built_in
    assert {fault.file for fault in faults(tmp_path)} == {"urge/subject.txt"}


def test_files_that_need_each_other_without_end_are_named(
    tmp_path: Path, built_in: Rendered
) -> None:
    write(tmp_path, "ours/a.txt", "{% include 'ours/b.txt' %}")
    write(tmp_path, "ours/b.txt", "\n{% include 'ours/a.txt' %}")
    write(tmp_path, "urge/body.txt", "{% include 'ours/a.txt' %}")
    assert read(tmp_path) == built_in
    said = {fault.file: fault.sentence for fault in faults(tmp_path)}
    assert "经“ours/b.txt”又用到自己，没有尽头" in said["ours/a.txt"]
    assert "要用的“ours/a.txt”没有，或者有错" in said["urge/body.txt"]


def test_a_base_made_of_what_stands_on_it_is_named(tmp_path: Path, built_in: Rendered) -> None:
    write(tmp_path, "_base/list.txt", '{% extends "urge/body.txt" %}')
    assert read(tmp_path) == built_in
    (fault,) = faults(tmp_path)
    assert (fault.file, fault.line) == ("_base/list.txt", 1)


def test_a_broken_base_leaves_a_sound_override_beside_it_in_use(tmp_path: Path) -> None:
    write(tmp_path, "_base/body.html", "{% if %}")
    write(tmp_path, "urge/subject.txt", "甲")
    assert read(tmp_path).subject == "甲"
    assert [fault.file for fault in faults(tmp_path)] == ["_base/body.html"]


def test_a_file_that_takes_nobodys_place_is_named(tmp_path: Path) -> None:
    write(tmp_path, "urgee/body.txt", "甲")
    write(tmp_path, "README.txt", "不是模板")
    (fault,) = faults(tmp_path)
    assert fault.file == "urgee/body.txt" and "没有这个名称" in fault.why


def test_a_file_from_elsewhere_is_not_read(tmp_path: Path, built_in: Rendered) -> None:
    (tmp_path / "t" / "urge").mkdir(parents=True)
    (tmp_path / "t" / "urge" / "body.txt").symlink_to("/etc/hostname")
    assert read(tmp_path / "t") == built_in
    assert faults(tmp_path / "t")[0].why == "文件不在模板文件夹里"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, built_in: Rendered) -> None:
    assert read(tmp_path / "nowhere") == built_in
    assert faults(tmp_path / "nowhere")[0].why == "没有这个文件夹"


def test_a_fault_that_shows_only_in_one_letter_is_named_once(
    tmp_path: Path, built_in: Rendered, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, "urge/body.txt", "{{ letter.to }}{{ notes[0] }}")
    with caplog.at_level(logging.WARNING, "duban.templates"):
        place = Place(ZONE, LINK, tmp_path)
        letter = sample(Face.URGE).letter
        again = render(replace(letter, again=True), AT, place)
        assert again.text.startswith("李文静这条消息可能已经发过一次")
        for _ in range(3):
            assert render(letter, AT, place).text == built_in.text
    (record,) = caplog.records
    assert "urge/body.txt 第 1 行" in record.getMessage()


def test_html_in_a_name_is_shown_never_run_by_an_override_too(tmp_path: Path) -> None:
    write(tmp_path, "urge/body.html", "{% set x %}{{ letter.to }}{% endset %}{{ x ~ letter.to }}")
    letter = replace(sample(Face.URGE).letter, to="<b>李</b>")
    html = render(letter, AT, Place(ZONE, LINK, tmp_path)).html
    assert html == "&lt;b&gt;李&lt;/b&gt;" * 2


def test_the_built_in_ones_are_not_touched_where_nothing_is_overridden(tmp_path: Path) -> None:
    write(tmp_path, "due/subject.txt", "甲")
    words = Wording(tmp_path)
    assert [name for name in BUILT_IN if words._found(name)] == ["due/subject.txt"]
    assert not any(hasattr(Guarded, name) for name in ("range", "lipsum"))
