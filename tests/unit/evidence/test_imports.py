"""What users hold: taken in whole or refused by row and column, and then nothing changed."""

import io
import json
import zipfile
from datetime import date

import openpyxl
import pytest

from comity.errors import EvidenceError
from comity.evidence import imports, load
from comity.evidence.imports import read_file, sheet, store

TODAY = date(2026, 11, 22)
HEAD = "subject,measure,year,low,value,high,unit,caveat\n"
GOOD = "DEU,military_expenditure,2024,,88500000000,,US$,\n"


def read(path, kind="tidy", **options):
    return read_file(
        path, "mine", kind=kind, known_from=date(2026, 4, 28), today=TODAY, options=options
    )


def write(tmp_path, text, name="mine.csv"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            HEAD.replace("unit", "units") + GOOD, "has no column 'unit'", id="a wrong column"
        ),
        pytest.param(
            HEAD.replace("caveat", "colour") + GOOD,
            "column H: a column 'colour' is not known",
            id="a column too many",
        ),
        pytest.param(
            HEAD.replace("caveat", "value") + GOOD, "stands there twice", id="a column twice"
        ),
        pytest.param(
            HEAD + GOOD.replace("US$", "million US$"),
            "row 2, column unit: military_expenditure is in US$, not in 'million US$'",
            id="a wrong unit",
        ),
        pytest.param(
            HEAD + GOOD.replace("DEU", "GER"),
            "row 2, column subject: 'GER' is not an ISO 3166-1 alpha-3 code",
            id="an unknown code",
        ),
        pytest.param(
            HEAD + GOOD + GOOD,
            "row 3, column subject: military_expenditure of DEU in 2024 stands already in row 2",
            id="a duplicate",
        ),
        pytest.param(
            HEAD + GOOD.replace("88500000000", "-1"),
            "row 2, column value: -1 US$ is impossible",
            id="an impossible value",
        ),
        pytest.param(
            HEAD + GOOD.replace("88500000000", "9e20"), "is impossible", id="far too much"
        ),
        pytest.param(
            HEAD + "DEU,tanks,2024,,2.5,,vehicles,\n", "not a whole number", id="half a tank"
        ),
        pytest.param(
            HEAD + GOOD.replace("88500000000", "lots"), "'lots' is not a number", id="words"
        ),
        pytest.param(HEAD + GOOD.replace("88500000000", "nan"), "'nan' is not a number", id="nan"),
        pytest.param(
            HEAD + GOOD.replace(",,88500000000,,", ",9,8,7,"), "not in order", id="a crossed range"
        ),
        pytest.param(
            HEAD + GOOD.replace("military_expenditure", "courage"),
            "is not a measure",
            id="an unknown measure",
        ),
        pytest.param(HEAD + GOOD.replace("2024", "24"), "'24' is not a year", id="a short year"),
        pytest.param(
            HEAD + GOOD.replace("DEU", "=1+1"), "row 2, column A: a formula", id="a formula"
        ),
        pytest.param(
            (HEAD + GOOD).encode("utf-8").replace(b"DEU", b"D\xc4U"),
            "row 2, column A: byte 2 of the line is not UTF-8",
            id="a wrong encoding",
        ),
        pytest.param((HEAD + GOOD).encode("utf-16"), "not UTF-8", id="sixteen bits a sign"),
        pytest.param(HEAD + "\0" + GOOD, "zero bytes", id="zero bytes"),
        pytest.param(HEAD, "holds no figure", id="no rows"),
        pytest.param("", "has no rows", id="nothing"),
        pytest.param(HEAD + GOOD.strip() + ",extra\n", "beyond the last column", id="a long row"),
        pytest.param(HEAD + 'DEU,"' + "x" * 3_000 + '"\n', "a cell of 3,000", id="a long cell"),
        pytest.param(HEAD + '"' + "x" * 200_000 + '"\n', "cannot be read as CSV", id="no end"),
        pytest.param("a," * 300 + "\n", "columns; 200 is the most", id="too wide"),
    ],
)
def test_a_fault_is_named_by_row_and_column_and_nothing_is_kept(tmp_path, text, says):
    folder = tmp_path / "kept"
    store(folder, read(write(tmp_path, HEAD + GOOD, "before.csv")))
    before = {p: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(EvidenceError) as caught:
        store(folder, read(write(tmp_path, text)))
    assert says in caught.value.what
    assert caught.value.hint
    assert {p: p.read_bytes() for p in folder.iterdir()} == before


def test_each_of_the_common_faults_has_its_own_words(tmp_path):
    words = set()
    for text in (
        HEAD.replace("unit", "units") + GOOD,
        HEAD + GOOD.replace("US$", "million US$"),
        HEAD + GOOD.replace("DEU", "GER"),
        HEAD + GOOD + GOOD,
        (HEAD + GOOD).encode().replace(b"DEU", b"D\xc4U"),
    ):
        with pytest.raises(EvidenceError) as caught:
            read(write(tmp_path, text))
        words.add((caught.value.what, caught.value.hint))
    assert len({hint for _, hint in words}) == 5


def test_too_large_a_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MOST_BYTES", 1_000)
    with pytest.raises(EvidenceError, match="is larger than"):
        read(write(tmp_path, HEAD + GOOD * 100))


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sheet, "MOST_ROWS", 50)
    with pytest.raises(EvidenceError, match="more than 50 rows"):
        read(write(tmp_path, HEAD + GOOD * 100))


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(EvidenceError, match="cannot be read"):
        read(tmp_path / "nothing.csv")


def test_what_is_imported_goes_before_the_shipped_figure_and_says_whose_it_is(tmp_path):
    store(tmp_path, read(write(tmp_path, HEAD + GOOD)))
    evidence = load(tmp_path)
    figure = evidence.get("military_expenditure", "DEU")
    assert figure.value == 88_500_000_000
    assert figure.source == "own-mine"
    assert "your own data: own-mine" in figure.caveats
    assert evidence.show(figure.id) == figure
    assert evidence.sources["own-mine"].publisher == "held by the user"
    # Known only from the day given; before it the shipped figure stands.
    early = evidence.get("military_expenditure", "DEU", known_on=date(2026, 1, 20))
    assert early.source == "open-milex"
    assert load().get("military_expenditure", "DEU").source == "open-milex"


def test_a_second_import_of_a_name_replaces_the_first_and_a_later_source_wins(tmp_path):
    store(tmp_path, read(write(tmp_path, HEAD + GOOD)))
    store(tmp_path, read(write(tmp_path, HEAD + GOOD.replace("885", "700"))))
    assert load(tmp_path).get("military_expenditure", "DEU").value == 70_000_000_000
    later = read_file(
        write(tmp_path, HEAD + GOOD.replace("885", "600")), "newer", known_from=TODAY,
        today=date(2026, 12, 1),
    )  # fmt: skip
    store(tmp_path, later)
    assert load(tmp_path).get("military_expenditure", "DEU").value == 60_000_000_000


def test_an_empty_value_is_missing_and_never_zero(tmp_path):
    store(tmp_path, read(write(tmp_path, HEAD + "DEU,artillery,2024,,,,pieces,not counted\n")))
    figure = load(tmp_path).get("artillery", "DEU")
    assert figure.is_missing
    assert "missing in the file" in figure.caveats


def test_a_gni_of_ones_own_replaces_gdp(tmp_path):
    store(tmp_path, read(write(tmp_path, HEAD + "DEU,gni,2024,,4.8e12,,US$,\n")))
    evidence = load(tmp_path)
    assert evidence.get("gni", "DEU").value == 4_800_000_000_000
    assert "stands in" in evidence.get("gni", "FRA").caveats[0]


def test_a_damaged_store_is_named_and_not_guessed_at(tmp_path):
    path = store(tmp_path, read(write(tmp_path, HEAD + GOOD)))
    body = json.loads(path.read_text())
    for broken in (
        "[]",
        "{",
        json.dumps({**body, "format": 9}),
        json.dumps({**body, "figures": [[1]]}),
    ):
        path.write_text(broken)
        with pytest.raises(EvidenceError, match="own-mine"):
            load(tmp_path)


def test_the_folder_is_given_or_from_the_environment(monkeypatch, tmp_path):
    assert imports.folder_of(str(tmp_path)) == tmp_path / "evidence"
    monkeypatch.setenv("COMITY_DATA", str(tmp_path / "c"))
    assert imports.folder_of() == tmp_path / "c" / "evidence"
    monkeypatch.delenv("COMITY_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "x"))
    assert imports.folder_of() == tmp_path / "x" / "comity" / "evidence"


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    blocked = write(tmp_path, "x", "file")
    with pytest.raises(EvidenceError, match="cannot be written"):
        store(blocked / "below", read(write(tmp_path, HEAD + GOOD)))


@pytest.mark.parametrize("name", ["", "UPPER", "a b", "../up", "x" * 60])
def test_a_source_needs_a_plain_name(tmp_path, name):
    with pytest.raises(EvidenceError, match="cannot be the name"):
        read_file(write(tmp_path, HEAD + GOOD), name, known_from=TODAY, today=TODAY)


def test_an_unknown_format_is_an_error(tmp_path):
    with pytest.raises(EvidenceError, match="no format"):
        read(write(tmp_path, HEAD + GOOD), kind="gfp")


# Workbooks


def workbook(tmp_path, rows, name="mine.xlsx"):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    path = tmp_path / name
    book.save(path)
    return path


def test_a_tidy_workbook_is_read_like_a_csv(tmp_path):
    rows = [HEAD.strip().split(","), ["DEU", "tanks", 2024, None, 300, None, "vehicles", None]]
    assert read(workbook(tmp_path, rows)).figures[0].value == 300


def test_a_formula_in_a_workbook_is_refused(tmp_path):
    rows = [HEAD.strip().split(","), ["DEU", "tanks", 2024, None, "=1+1", None, "vehicles", None]]
    with pytest.raises(EvidenceError, match="row 2, column E: a formula"):
        read(workbook(tmp_path, rows))


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (sheet.MOST_UNPACKED + 1))
    with pytest.raises(EvidenceError, match="unpacks to"):
        read(path)


def test_a_workbook_with_entities_is_refused(tmp_path):
    good = workbook(tmp_path, [["a"]])
    buffer = io.BytesIO()
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(buffer, "w") as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content
            new.writestr(item.filename, content)
    with pytest.raises(EvidenceError, match="entities"):
        read(write(tmp_path, buffer.getvalue(), "entities.xlsx"))


@pytest.mark.parametrize(
    "raw", [b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"], ids=["broken", "old"]
)
def test_what_is_no_workbook_is_refused(tmp_path, raw):
    with pytest.raises(EvidenceError, match="workbook"):
        read(write(tmp_path, raw, "odd.xlsx"))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(EvidenceError, match="is not a workbook"):
        read(path)


def test_a_sheet_can_be_named(tmp_path):
    path = workbook(tmp_path, [["a"]])
    with pytest.raises(EvidenceError, match="no sheet 'Data'"):
        read_file(path, "mine", known_from=TODAY, today=TODAY, sheet="Data")


def test_a_sheet_that_claims_a_million_empty_rows_is_read_quickly(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(HEAD.strip().split(","))
    book.active.cell(row=1_000_000, column=1, value="DEU")
    path = tmp_path / "long.xlsx"
    book.save(path)
    with pytest.raises(EvidenceError):
        read(path)


# Formats of publishers


def test_sipri_spending_is_read_wide(tmp_path):
    rows = [
        ["Military expenditure by country, in millions of US$"],
        [],
        ["Country", "Notes", 2023, 2024],
        ["Europe", None, None, None],
        ["Germany", None, 66800.5, 86100],
        ["Ukraine", "a", 64800, "..."],
        ["Türkiye", None, "xxx", 25000],
    ]
    found = read(workbook(tmp_path, rows), "sipri-milex", unit="million US$").figures
    values = {(f.subject, f.year): f.value for f in found}
    assert values == {
        ("DEU", 2023): 66_800_500_000,
        ("DEU", 2024): 86_100_000_000,
        ("UKR", 2023): 64_800_000_000,
        ("TUR", 2024): 25_000_000_000,
    }


def test_sipri_shares_are_read_as_fractions_or_with_a_sign(tmp_path):
    rows = [["Country", 2024], ["Germany", 0.019], ["Ukraine", 0.34]]
    found = read(workbook(tmp_path, rows), "sipri-milex", unit="fraction of GDP").figures
    assert [round(f.value, 3) for f in found] == [1.9, 34.0]
    with pytest.raises(EvidenceError, match="may hold fractions"):
        read(workbook(tmp_path, rows), "sipri-milex", unit="% of GDP")
    text = "Country,2024\nGermany,1.9%\nUkraine,0.4%\n"
    found = read(write(tmp_path, text), "sipri-milex", unit="% of GDP").figures
    assert [f.value for f in found] == [1.9, 0.4]


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("Country,2024\nGermany,5\n", "", "does not say its unit"),
        ("Country,2024\nGermany,5\n", "million euro", "is not a unit"),
        ("Country,Notes\nGermany,5\n", "US$", "no column is a year"),
        ("State,2024\nGermany,5\n", "US$", "has no column 'country'"),
        ("Country,2024\nAtlantis,5\n", "US$", "row 2, column A: 'Atlantis'"),
        ("Country,2024\nGermany,5\nGermany,6\n", "US$", "stands already in row 2"),
    ],
)
def test_sipri_spending_refuses_what_it_cannot_be_sure_of(tmp_path, text, unit, says):
    with pytest.raises(EvidenceError, match=says.replace("(", r"\(")):
        read(write(tmp_path, text), "sipri-milex", unit=unit)


def test_a_trade_register_is_counted_by_recipient_and_year(tmp_path):
    text = (
        "Transfers of major weapons\n\n"
        "Recipient,Supplier,Year of order,Weapon description\n"
        "Poland,United States,2022,tank\nPoland,South Korea,2022,tank\n"
        "Poland,United States,2022,x\n"
    )
    (figure,) = read(write(tmp_path, text), "sipri-trade").figures
    assert figure.value == 3
    assert "orders by supplier: 1 from South Korea, 2 from United States" in figure.caveats
    with pytest.raises(EvidenceError, match="Year of order"):
        read(write(tmp_path, "Recipient,Supplier\nPoland,USA\n"), "sipri-trade")


def test_the_kiel_tracker_is_read_with_its_year_and_unit(tmp_path):
    text = "Country,Total bilateral allocations (€ billion)\nGermany,17.7\nTotal,267\nEU (x),63\n"
    (figure,) = read(write(tmp_path, text), "kiel", year="2025").figures
    assert (figure.subject, figure.value, figure.unit) == ("DEU", 17_700_000_000, "€")
    with pytest.raises(EvidenceError, match="no year"):
        read(write(tmp_path, text), "kiel")
    with pytest.raises(EvidenceError, match="billion euro"):
        read(write(tmp_path, text.replace("(€ billion)", "")), "kiel", year="2025")
    with pytest.raises(EvidenceError, match="no row"):
        read(write(tmp_path, text), "kiel", year="2025", column="grand total")


def test_a_table_of_holdings_is_read_for_a_year(tmp_path):
    text = "country,MBT,IFV,Artillery\nPoland,600,1500,700\nGermany,300,,100\n"
    found = read(write(tmp_path, text), "holdings", year="2025").figures
    assert {(f.subject, f.measure): f.value for f in found} == {
        ("POL", "tanks"): 600,
        ("POL", "infantry_fighting_vehicles"): 1_500,
        ("POL", "artillery"): 700,
        ("DEU", "tanks"): 300,
        ("DEU", "artillery"): 100,
    }
    with pytest.raises(EvidenceError, match="no year"):
        read(write(tmp_path, text), "holdings")
    with pytest.raises(EvidenceError, match="'Elephants'"):
        read(write(tmp_path, "country,Elephants\nPoland,4\n"), "holdings", year="2025")
