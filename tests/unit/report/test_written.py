import json
from dataclasses import replace

import pytest

from comity.errors import UsageError
from comity.examine.finding import Column, Table
from comity.report import json as as_json
from comity.report import write
from tests.unit.report.cast import wide


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("x.csv", b"iso3,member"),
        ("x.docx", b"PK"),
        ("x.html", b"<!DOCTYPE html>"),
        ("x.json", b"{"),
        ("x.md", b"# "),
        ("x.png", b"\x89PNG"),
        ("x.SVG", b"<svg "),
        ("x.txt", b"The 35 members"),
        ("x.xlsx", b"PK"),
    ],
)
def test_the_end_of_the_name_is_the_format(tmp_path, name, start):
    (path,) = write(wide("strip"), tmp_path / name)
    assert path.read_bytes().startswith(start)


def test_further_tables_and_charts_go_beside_the_first(tmp_path):
    finding = wide("strip")
    more = Table("more", "More", (Column("w", "W", ("x",)),))
    finding = replace(finding, tables=(*finding.tables, more), charts=finding.charts * 2)
    assert [p.name for p in write(finding, tmp_path / "x.csv")] == ["x.csv", "x-more.csv"]
    assert [p.name for p in write(finding, str(tmp_path / "x.svg"))] == ["x.svg", "x-2.svg"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("x.pdf", "print it from a browser", id="PDF is printed"),
        pytest.param("x.odt", ".docx", id="a format we do not write"),
        pytest.param("x", "end the name", id="no format"),
        pytest.param("missing/x.json", "another place", id="no such folder"),
    ],
)
def test_what_cannot_be_written_says_what_can(tmp_path, name, hint):
    with pytest.raises(UsageError) as caught:
        write(wide("strip"), tmp_path / name)
    assert hint in caught.value.hint


def test_json_is_the_finding():
    assert json.loads(as_json(wide())) == json.loads(json.dumps(wide().to_json()))
