import csv as standard
import io
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.examine.finding import Column, Finding, Quantity, Source, Table
from comity.report.sheets import csv, xlsx
from tests.unit.report.cast import wide

EVIL = '=HYPERLINK("http://evil.example","x")'


def rows(text):
    return list(standard.reader(io.StringIO(text)))


def test_csv_holds_every_number_unrounded_and_missing_as_nothing():
    head, *body = rows(csv(wide()))
    assert head[4:] == ["people", "people_low", "people_high", "people_unit", "people_year",
                        "people_id"]  # fmt: skip
    assert len(body) == 36
    assert body[0][4:7] == ["1500", "750", "3000"]
    iceland = next(row for row in body if row[0] == "ISL")
    assert iceland[4:7] == ["", "", ""]
    assert iceland[-1] == "tests:people:ISL:2025"


def test_numbers_below_zero_stay_numbers():
    one = Finding("?", "x", (Table("t", "T", (Column("n", "N", (-3, -0.5, Quantity(-2))),)),))
    assert [row[0] for row in rows(csv(one))[1:]] == ["-3", "-0.5", "-2"]


@given(st.text())
def test_no_words_become_a_formula(word):
    one = Finding("?", "x", (Table("t", "T", (Column("w", "W", (word,)),)),))
    held = csv(one)
    cell = rows(held)[1][0] if len(rows(held)) > 1 and rows(held)[1] else ""
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_words_that_look_like_a_formula_get_an_apostrophe(start):
    one = Finding("?", "x", (Table("t", "T", (Column("w", "W", (f"{start}1+1",)),)),))
    assert rows(csv(one))[1][0].startswith("'")


@pytest.fixture(scope="module")
def book():
    finding = wide()
    extra = Table("why: [odd]/name?" * 3, "Odd", (Column("w", "W", (EVIL, None, True, 0.123456)),))
    finding = replace(
        finding,
        sentence=EVIL,
        tables=(*finding.tables, extra),
        sources=(*finding.sources, Source("evil", EVIL)),
    )
    return openpyxl.load_workbook(io.BytesIO(xlsx(finding)))


def test_a_workbook_has_the_answer_a_sheet_a_table_and_the_sources(book):
    assert book.sheetnames[0] == "Answer"
    assert book.sheetnames[1] == "members"
    assert book.sheetnames[-1] == "Sources"
    assert all(len(name) <= 31 for name in book.sheetnames)
    assert book["Sources"]["A2"].value == "tests"


def test_numbers_are_numbers_rounded_to_what_they_carry(book):
    sheet = book["members"]
    head = [cell.value for cell in sheet[1]]
    total = head.index("Active personnel (people)")
    ukraine = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "UKR")
    assert ukraine[total : total + 3] == (900_000, 850_000, 1_000_000)
    together = next(row for row in sheet.iter_rows(values_only=True) if row[1] == "Together")
    assert together[total] % 100_000 == 0
    iceland = next(row for row in sheet.iter_rows(values_only=True) if row[0] == "ISL")
    assert iceland[total] == "not known"
    assert iceland[head.index("Active personnel, figure")] == "tests:people:ISL:2025"


def test_nothing_in_a_workbook_is_a_formula(book):
    for sheet in book:
        for row in sheet.iter_rows():
            assert all(cell.data_type != "f" for cell in row)
    assert book["Answer"]["A2"].value == EVIL


def test_the_same_finding_gives_the_same_workbook():
    assert xlsx(wide()) == xlsx(wide())
    with zipfile.ZipFile(io.BytesIO(xlsx(wide()))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_figures_in_several_units_say_each():
    one = Finding("?", "x", (Table("t", "T", (
        Column("n", "N", (Quantity(3, unit="ships"), Quantity(2.0, 1, 3, unit="crews"), "many")),
    )),))  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(one)))["t"]
    assert [c.value for c in sheet[1]] == ["N", "N, low", "N, high", "N, unit", "N, year",
                                           "N, figure"]  # fmt: skip
    assert [c.value for c in sheet[3]][:4] == [2, 1, 3, "crews"]
    assert sheet["A4"].value == "many"
