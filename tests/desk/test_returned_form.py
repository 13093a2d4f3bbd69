from __future__ import annotations

import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from desk.blank_form import read_form, read_header
from desk.merging import Handed, Merger, usual_form
from desk.packing import pack
from desk.returned_form import MOST, read_returned
from desk.sheets import Unfit
from tests.desk.returned import FORM, changed, filled, many, with_formula, with_member

BLANK = read_form(FORM)
REFILL = "请用发下的空白表格填写，存为 .xlsx 后重报。"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "表.xlsx"


def test_the_header_of_a_form_is_its_fullest_row() -> None:
    assert (BLANK.sheet, BLANK.row, BLANK.header[:3]) == ("台账", 3, ("序号", "问题", "来源"))
    assert read_header(FORM).header == BLANK.header


def test_only_what_was_filled_in_is_read(file: Path) -> None:
    returned = read_returned(filled(file, "门口乱", "台账乱"), BLANK)
    assert [line.number for line in returned.lines] == [4, 5]
    assert returned.lines[0].values == (1, "门口乱", None, None, None, "甲", None, None, None)


def test_rows_may_have_been_put_in_above_the_header_and_among_the_rows(file: Path) -> None:
    changed(file, lambda book: book.active.insert_rows(1, 2))
    assert [line.values[1] for line in read_returned(file, BLANK).lines] == ["门口乱"]


def test_spaces_in_a_heading_do_not_matter(file: Path) -> None:
    changed(file, lambda book: book.active.__setitem__("B3", "问 题\n"))
    assert len(read_returned(file, BLANK).lines) == 1


def _moved_columns(book: Workbook) -> None:
    book.active.move_range("B3:B18", cols=9)
    book.active.move_range("C3:C18", cols=-1)
    book.active.move_range("K3:K18", cols=-8)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda file: changed(file, _moved_columns),
            f"第3行的表头与空白表格不同：B列应是“问题”，实为“来源”；{REFILL}",
        ),
        (
            lambda file: changed(file, lambda book: book.active.delete_cols(9)),
            f"第3行的表头与空白表格不同：I列应是“备注”，却是空的；{REFILL}",
        ),
        (
            lambda file: changed(file, lambda book: book.active.__setitem__("J3", "单位")),
            f"第3行的表头与空白表格不同：J列多出“单位”；{REFILL}",
        ),
        (
            lambda file: changed(file, lambda book: book.active.__setitem__("K4", "另见附页")),
            f"第4行的K列在表头之外有内容；{REFILL}",
        ),
        (
            lambda file: changed(file, lambda book: book.active.merge_cells("B4:B6")),
            "填写的行里有合并单元格（B4:B6）；请取消合并、逐行填写后重报。",
        ),
        (
            lambda file: with_formula(file, ""),
            "D4 是公式，文件里没有存下结果；请在 Excel 里打开、保存后重报。",
        ),
        (
            lambda file: many(file, MOST + 1),
            f"填了超过 {MOST} 行，多半是向下误填；请删去多余的行后重报。",
        ),
        (
            lambda file: with_member(file, "xl/vbaProject.bin"),
            f"含有宏，没有打开；{REFILL}",
        ),
        (
            lambda file: with_member(file, "word/document.xml"),
            "是 Word 文档，只打包，不合并。",
        ),
        (
            lambda file: file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
            f"是旧版 .xls（或加了密码、或是旧版 Word 文档）；{REFILL}",
        ),
        (
            lambda file: file.write_bytes(b"\x89PNG\r\n\x1a\n"),
            f"是图片，不是表格；{REFILL}",
        ),
        (lambda file: file.write_text("问题,来源\n", "utf-8"), f"不是 .xlsx 表格；{REFILL}"),
        (
            lambda file: file.write_bytes(FORM.read_bytes()[:3000]),
            f"文件已损坏，读不出来；{REFILL}",
        ),
        (
            lambda file: file.with_name("x"),
            "附件不在数据目录里；请从备份恢复，或请该单位重报。",
        ),
    ],
    ids=(
        *("columns moved", "column gone", "column more", "beside the form", "merged"),
        *("formula unsaved", "too many rows", "macro", "word", "xls", "picture", "csv"),
        *("damaged", "gone"),
    ),
)
def test_what_does_not_fit_is_said_in_one_sentence_with_its_place(
    file: Path, spoil: Callable[[Path], object], said: str
) -> None:
    spoil(file)
    with pytest.raises(Unfit) as unfit:
        read_returned(file, BLANK)
    assert str(unfit.value) == said


def test_the_saved_value_of_a_formula_is_taken_and_named(file: Path) -> None:
    returned = read_returned(with_formula(file, "照办"), BLANK)
    assert returned.lines[0].values[3] == "照办"
    assert returned.formulas == ("D4",)


def test_50_000_blank_rows_are_no_rows(file: Path) -> None:
    changed(file, lambda book: book.active.__setitem__("B50000", " "))
    assert len(read_returned(file, BLANK).lines) == 1


def test_one_file_that_does_not_fit_stops_no_other(tmp_path: Path) -> None:
    good = Handed("第一中学", "台账.xlsx", filled(tmp_path / "a.xlsx", "门口乱", "=1+1"))
    bad = Handed("第二中学", "图.xlsx", tmp_path / "b.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n")
    words = Handed("电教馆", "", None)
    counted = Handed("教研室", "算.xlsx", with_formula(tmp_path / "c.xlsx", "照办"))
    merger = Merger(BLANK)
    merger.merge([good, bad, words, counted], tmp_path / "out.xlsx")
    book = load_workbook(tmp_path / "out.xlsx")
    rows = list(book["汇总"].iter_rows(values_only=True))
    assert rows[0] == ("来源单位", *BLANK.header)
    assert [(row[0], row[2]) for row in rows[1:]] == [
        ("第一中学", "门口乱"),
        ("第一中学", "=1+1"),
        ("教研室", "门口乱"),
    ]
    # Typed as words it stays words: it must not become a formula in the office's workbook.
    assert book["汇总"]["C3"].data_type == "s"
    assert list(book["未合并"].iter_rows(values_only=True)) == [
        ("单位", "文件", "原因"),
        ("第二中学", "图.xlsx", f"是图片，不是表格；{REFILL}"),
        ("电教馆", None, "只报了文字，没有附件。"),
    ]
    assert list(book["含公式"].iter_rows(min_row=2, values_only=True)) == [
        ("教研室", "算.xlsx", "D4")
    ]
    assert (merger.merged, merger.rows) == (2, 3)


def test_dates_and_numbers_stay_what_they_are(tmp_path: Path) -> None:
    day = datetime(2017, 5, 2)  # noqa: DTZ001  a workbook knows no zones
    file = changed(tmp_path / "a.xlsx", lambda book: book.active.__setitem__("G4", day))
    Merger(BLANK).merge([Handed("第一中学", "台账.xlsx", file)], tmp_path / "out.xlsx")
    row = next(load_workbook(tmp_path / "out.xlsx")["汇总"].iter_rows(min_row=2, values_only=True))
    assert (row[1], row[7]) == (1, day)


def test_without_a_blank_form_the_usual_header_counts(tmp_path: Path) -> None:
    files = [
        Handed("甲", "a.xlsx", changed(tmp_path / "a.xlsx", _moved_columns)),
        Handed("乙", "b.xlsx", filled(tmp_path / "b.xlsx", "门口乱")),
        Handed("丙", "c.xlsx", filled(tmp_path / "c.xlsx", "台账乱")),
    ]
    form = usual_form(files)
    assert form is not None
    assert form.header == BLANK.header
    assert usual_form([Handed("丁", "", None)]) is None


def test_files_are_packed_under_safe_names_and_twice_the_same_is_numbered(tmp_path: Path) -> None:
    file = filled(tmp_path / "a.xlsx", "门口乱")
    files = [
        Handed("第一中学", "台账.XLSX", file),
        Handed("第一中学", "补充.xlsx", file),
        Handed("../../第二:中学", "x.docx", file),
        Handed("电教馆", "", None),
        Handed("教研室", "没有了.xlsx", tmp_path / "gone"),
    ]
    lost = pack(files, "台账-2017年4月", tmp_path / "out.zip")
    assert [found.unit for found in lost] == ["教研室"]
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == [
            "第一中学-台账-2017年4月.XLSX",
            "第一中学-台账-2017年4月（2）.xlsx",
            ".._.._第二_中学-台账-2017年4月.docx",
        ]
        assert archive.testzip() is None
        assert all(info.flag_bits & 0x800 for info in archive.infolist())
