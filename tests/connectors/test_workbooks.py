"""Workbooks, made here member by member: what people see in a cell is what is read; bombs are not unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from kpitui.connectors import xlsx_file
from kpitui.connectors.base import open_table
from kpitui.connectors.xlsx_file import kind_of_format
from kpitui.errors import Refused

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STYLES = f"""<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="170" formatCode="[$-407]d\\. mmm yyyy"/>
</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="9"/><xf numFmtId="170"/><xf numFmtId="46"/></cellXfs>
</styleSheet>"""


def book(path: Path, *sheets: str, texts: str = "", properties: str = "", **more: str) -> Path:
    """A workbook whose sheets hold these rows (XML); named S1, S2, …"""
    listed = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, len(sheets) + 1))
    related = "".join(
        f'<Relationship Id="r{n}" Type="x" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1)
    )
    members = {
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{properties}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships>{related}</Relationships>",
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{texts}</sst>',
    }
    for n, rows in enumerate(sheets, 1):
        members[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**members, **more}.items():
            archive.writestr(name, content)
    return path


HEADER = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Date</t></is></c><c r="B1" t="inlineStr"><is><t>v</t></is></c></row>'
)


def cell_of(tmp_path: Path, cell: str, **more: str) -> str:
    """What is read from the second cell of the second row."""
    path = book(tmp_path / "x.xlsx", f'{HEADER}<row r="2"><c r="A2"><v>1</v></c>{cell}</row>', **more)
    with open_table(str(path)) as table:
        [(_, [_, found])] = table.rows
        return found


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('<c r="B2"><v>12</v></c>', "12"),
        ('<c r="B2"><v>12.0</v></c>', "12"),
        ('<c r="B2"><v>0.10000000000000001</v></c>', "0.1"),
        ('<c r="B2"><v>1.2E3</v></c>', "1200"),
        ('<c r="B2" s="2"><v>0.12</v></c>', "0.12"),
        ('<c r="B2" s="1"><v>46082</v></c>', "2026-03-01"),
        ('<c r="B2" s="3"><v>46082</v></c>', "2026-03-01"),
        ('<c r="B2" s="3"><v>46082.5</v></c>', "2026-03-01T12:00:00"),
        ('<c r="B2" s="1"><v>1</v></c>', "1900-01-01"),
        ('<c r="B2" s="1"><v>61</v></c>', "1900-03-01"),
        ('<c r="B2" s="4"><v>1.0625</v></c>', "25:30:00"),
        ('<c r="B2" t="s"><v>1</v></c>', "rich text"),
        ('<c r="B2" t="s"><v>9</v></c>', ""),
        ('<c r="B2" t="str"><f>A1&amp;"x"</f><v>shown</v></c>', "shown"),
        ('<c r="B2"><f>1+2</f><v>3</v></c>', "3"),
        ('<c r="B2" t="b"><v>1</v></c>', "TRUE"),
        ('<c r="B2" t="e"><v>#N/A</v></c>', "#N/A"),
        ('<c r="B2" t="d"><v>2026-03-01</v></c>', "2026-03-01"),
        ('<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', "ab"),
        ('<c t="inlineStr"><is><t>no place</t></is></c>', "no place"),
        ('<c r="B2" s="1"><v>99999999999</v></c>', "99999999999"),
        ('<c r="B2" s="77"><v>5</v></c>', "5"),
        ('<c r="B2"/><c r="D2"/>', ""),
    ],
)
def test_a_cell_is_read_as_it_is_seen(tmp_path: Path, cell: str, text: str) -> None:
    texts = "<si><t>plain</t></si><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>sound</t></rPh></si>"
    assert cell_of(tmp_path, cell, texts=texts) == text


def test_the_other_calendar_of_days(tmp_path: Path) -> None:
    properties = '<workbookPr date1904="1"/>'
    assert cell_of(tmp_path, '<c r="B2" s="1"><v>44620</v></c>', properties=properties) == "2026-03-01"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("yyyy-mm-dd", "date"),
        ("mmm", "date"),
        ("h:mm", "time"),
        ("[h]:mm", "time"),
        ("General", ""),
        ("0.00%", ""),
        ('0 "days"', ""),
        ("[Red]0.0", ""),
        ("#,##0 [$USD]", ""),
        ("0\\d", ""),
    ],
)
def test_which_formats_show_dates(code: str, kind: str) -> None:
    assert kind_of_format(code) == kind


def test_rows_keep_their_numbers_and_are_as_wide_as_the_header(tmp_path: Path) -> None:
    rows = '<row r="4"><c r="A4"><v>1</v></c></row><row r="9"><c r="B9"><v>2</v></c><c r="D9"><v>3</v></c></row>'
    with open_table(str(book(tmp_path / "x.xlsx", HEADER + rows))) as table:
        assert table.word == "row"
        assert list(table.rows) == [(4, ["1", ""]), (9, ["", "2", "", "3"])]


def test_sheets_are_chosen_by_name(tmp_path: Path) -> None:
    path = str(book(tmp_path / "x.xlsx", HEADER + "<row><c><v>1</v></c></row>", HEADER + "<row><c><v>2</v></c></row>"))
    with open_table(path) as table:
        assert table.notes == ("Read the sheet “S1”, the first of 2: --sheet names another.",)
        assert next(table.rows)[1][0] == "1"
    with open_table(path, sheet="s2") as table:
        assert (table.notes, next(table.rows)[1][0]) == ((), "2")
    with pytest.raises(Refused, match=r"x\.xlsx has no sheet “S3”: it has “S1”, “S2”\."), open_table(path, sheet="S3"):
        pass


def refused(path: Path) -> str:
    with pytest.raises(Refused) as caught, open_table(str(path)) as table:
        list(table.rows)
    return str(caught.value)


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = book(tmp_path / "x.xlsx", HEADER + "<row/>" * 2_000_000)
    assert bomb.stat().st_size < 200_000

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a member was unpacked")

    monkeypatch.setattr(zipfile.ZipFile, "open", never)
    assert refused(bomb) == "x.xlsx is packed more than 100 times: not unpacked. Save the sheet as CSV."


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", HEADER, **{f"xl/media/{n}": "" for n in range(1000)})
    assert "in 1,005 parts" in refused(path)


def test_many_small_bombs_are_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each is too small to be asked how far it is packed.
    monkeypatch.setattr(xlsx_file, "LARGEST_UNZIPPED", 3 << 20)
    path = book(tmp_path / "x.xlsx", HEADER, **{f"xl/media/{n}": "x" * (1 << 19) for n in range(7)})
    assert refused(path).startswith("x.xlsx unpacks to 3 MB in 12 parts")


def test_a_cell_that_is_too_long_is_refused(tmp_path: Path) -> None:
    long = "x" * 10_001
    cells = (f'<c r="A2" t="inlineStr"><is><t>{long}</t></is></c>', '<c r="A2" t="s"><v>0</v></c>')
    for cell in cells:
        path = book(tmp_path / "x.xlsx", f'{HEADER}<row r="2">{cell}</row>', texts=f"<si><t>{long}</t></si>")
        assert refused(path) == "x.xlsx, row 2, has a cell of more than 10,000 signs."


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>'
    path = book(tmp_path / "x.xlsx", HEADER, **{"xl/sharedStrings.xml": bomb})
    assert refused(path).startswith("x.xlsx declares entities in its XML")


def test_damaged_workbooks(tmp_path: Path) -> None:
    whole = book(tmp_path / "x.xlsx", HEADER + '<row r="2"><c r="A2"><v>1</v></c></row>').read_bytes()
    for cut in (100, len(whole) // 2, len(whole) - 10):
        (tmp_path / "x.xlsx").write_bytes(whole[:cut])
        assert refused(tmp_path / "x.xlsx").startswith("x.xlsx is a damaged workbook")
    broken = book(tmp_path / "x.xlsx", HEADER, **{"xl/worksheets/sheet1.xml": "<worksheet><sheetData><row>"})
    assert refused(broken).startswith("x.xlsx is a damaged workbook")
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert refused(tmp_path / "x.xlsx").startswith("x.xlsx has no sheet with cells")


def test_more_columns_than_allowed(tmp_path: Path) -> None:
    path = book(tmp_path / "x.xlsx", HEADER + '<row r="2"><c r="ZZZ2"><v>1</v></c></row>')
    assert refused(path).startswith("x.xlsx has more than 10,000 columns")
