"""Reading tables of text: what a file is, how it is written and cut, and everything that is refused with a sentence."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from kpitui.connectors import base, json_file
from kpitui.connectors.base import open_table
from kpitui.connectors.delimited import find_delimiter
from kpitui.errors import KpituiError, NotFound, Refused


def rows_of(path: Path, **options: str) -> tuple[list[str], list[tuple[int, list[str]]], tuple[str, ...]]:
    with open_table(str(path), **options) as table:  # type: ignore[arg-type]
        return table.header, list(table.rows), table.notes


def file(folder: Path, content: bytes | str, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refused(path: Path, **options: str) -> str:
    with pytest.raises(KpituiError) as caught:
        rows_of(path, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("codec", "said"),
    [("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("cp1252", True)],
)
def test_the_usual_encodings_are_found(tmp_path: Path, codec: str, said: bool) -> None:
    text = "Datum;Erlöse Süd €\r\n2026-01;5\r\n"
    header, rows, notes = rows_of(file(tmp_path, text.encode(codec)))
    assert header == ["Datum", "Erlöse Süd €"]
    assert rows == [(2, ["2026-01", "5"])]
    assert bool(notes) is said


def test_a_byte_that_is_not_utf8_is_found_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BLOCK", 7)
    assert rows_of(file(tmp_path, "Datum,Süd\n2026-01,5\n"))[2] == ()
    [note] = rows_of(file(tmp_path, "Datum,Süd\n2026-01,5\n".encode("latin-1")))[2]
    assert note == "data.csv is not UTF-8 (byte 8) and was read as Windows-1252: check names with accents."


def test_an_encoding_that_is_said_holds(tmp_path: Path) -> None:
    path = file(tmp_path, "Date,Выручка\n2026-01,5\n".encode("cp1251"))
    assert rows_of(path, encoding="cp1251")[0] == ["Date", "Выручка"]
    assert refused(path, encoding="utf-8").startswith("data.csv is not written in utf-8: byte 6 cannot be read.")
    assert refused(path, encoding="klingon") == "There is no encoding “klingon”: use utf-8, utf-16 or cp1252."
    undefined = file(tmp_path, b"Date,\x81\n2026-01,5\n")
    assert "neither in UTF-8 (byte 6) nor in Windows-1252 (byte 6)" in refused(undefined)


@pytest.mark.parametrize(
    ("sample", "delimiter"),
    [
        ("a,b\n1,2\n", ","),
        ("a;b\n1,5;2,5\n1,5;3,5\n", ";"),
        ("a\tb c\n1\t2,3\n", "\t"),
        ("a|b\n1|2\n", "|"),
        ('a,"b;c;d",e\n1,"2;3;4",3\n', ","),
        ("only\n1\n2\n", ","),
        ("sep=;\na;b\n", ";"),
    ],
)
def test_the_delimiter_is_the_one_that_cuts_rows_like_the_header(sample: str, delimiter: str) -> None:
    assert find_delimiter(sample)[0] == delimiter


def test_rows_know_their_lines(tmp_path: Path) -> None:
    _, rows, _ = rows_of(file(tmp_path, '\n\na,b\r\n1,"two\nlines"\r\n\r\n,\r\n3,4\r5,6\n'))
    assert rows == [(4, ["1", "two\nlines"]), (8, ["3", "4"]), (9, ["5", "6"])]


@pytest.mark.parametrize("name", ["x.json", "x.txt"])
def test_json_keeps_the_digits_of_its_numbers(tmp_path: Path, name: str) -> None:
    text = '[{"date":"2026-01","v":1.50},{"date":"2026-02","v":12345678901234567890,"n":null},{"n":true}]'
    header, rows, _ = rows_of(file(tmp_path, text, name))
    assert header == ["date", "v", "n"]
    assert rows == [
        (1, ["2026-01", "1.50", ""]),
        (2, ["2026-02", "12345678901234567890", ""]),
        (3, ["", "", "true"]),
    ]


def test_a_list_inside_an_object_is_read(tmp_path: Path) -> None:
    path = file(tmp_path, '{"made": "today", "points": [{"date": "2026-01", "v": 1}]}', "x.json")
    assert rows_of(path)[1] == [(1, ["2026-01", "1"])]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "x.json, line 1, is not JSON: Expecting property name enclosed in double quotes."),
        ("[\n{]", "x.json, line 2, is not JSON"),
        ("[1]", "x.json, entry 1, is not an object"),
        ("[]", "x.json is empty"),
        ('{"a": 1}', "x.json has no list of rows"),
        ('[{"a": [1]}]', "x.json, entry 1, “a” is a list"),
        ('[{"a": {"b": 1}}]', "x.json, entry 1, “a” is an object"),
        ('[{"a": NaN}]', "x.json, entry 1, “a” is no finite number"),
        ("[" * 100_000, "x.json is not JSON that can be read"),
        ('[{"a": "' + "x" * 10_001 + '"}]', "x.json, entry 1, “a” is too long a text"),
    ],
)
def test_json_that_is_no_table(tmp_path: Path, text: str, said: str) -> None:
    assert refused(file(tmp_path, text, "x.json")).startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "data.csv is empty"),
        (b" \r\n\n\t", "data.csv is empty"),
        (b"\xef\xbb\xbf", "data.csv is empty"),
        (b"\x7fELF\x02\x01\x01\x00", "data.csv is not a text file"),
        (b"Date,v\n2026-01,5\x00\n", "data.csv is not a text file, or damaged: it holds NUL bytes"),
        (b"%PDF-1.7 abc\n", "data.csv is not a text file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "data.csv is an old workbook"),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", "data.csv is written in UTF-32"),
        (b"a,b\n1," + b"x" * 10_001, "data.csv, line 2, has a cell of more than 10,000 characters"),
        (b'a,b\n1,2\n3,"4\n', "data.csv, line 3, opens a quotation mark that is never closed"),
        (",".join(f"c{n}" for n in range(10_001)).encode(), "data.csv has 10,001 columns, 10,000 are the most"),
        (b"a,b,a\n1,2,3\n", "data.csv, line 1: the columns 1 and 3 are both called “a”"),
        (b"PK\x03\x04garbage", "data.csv is a damaged workbook"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    assert refused(file(tmp_path, content)).startswith(said)


def test_the_limit_of_cells_holds_for_this_file_only(tmp_path: Path) -> None:
    import csv

    before = csv.field_size_limit()
    rows_of(file(tmp_path, "a,b\n1,2\n"))
    refused(file(tmp_path, b"a,b\n1," + b"x" * 10_001))
    with open_table(str(file(tmp_path, "a,b\n1,2\n3,4\n"))) as table:
        next(table.rows)
    del table
    assert csv.field_size_limit() == before


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no file .*nowhere\.csv: check the path\."):
        rows_of(tmp_path / "nowhere.csv")
    assert refused(tmp_path).endswith("is a folder: name a file in it.")
    assert "There is no file" in refused(Path("a\0b"))
    assert refused(Path("x" * 300)) == "There is no file of that name: it is too long."
    if os.getuid() != 0:
        closed = file(tmp_path, "a,b\n")
        closed.chmod(0)
        assert refused(closed).endswith("cannot be read by this account: ask its owner.")


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "LARGEST", 3 << 20)
    path = tmp_path / "huge.csv"
    with path.open("wb") as huge:
        huge.truncate(4 << 20)
    assert refused(path) == f"{path} has 4 MB, 3 are the most: split it."


def test_json_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ", ".join(f'"k{n}": 1' for n in range(10_001))
    assert "more than 10,000 different keys" in refused(file(tmp_path, f"[{{{keys}}}]", "x.json"))
    monkeypatch.setattr(json_file, "LARGEST_IN_MEMORY", 20)
    assert refused(file(tmp_path, '[{"a": "1234567890"}]', "x.json")).startswith("x.json has more than 0 MB")


def test_standard_input_and_pipes_are_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_table("-", stdin=io.BytesIO(b"a,b\n1,2\n")) as table:
        assert (table.name, table.header, list(table.rows)) == ("standard input", ["a", "b"], [(2, ["1", "2"])])
    monkeypatch.setattr(base, "LARGEST_IN_MEMORY", 5)
    with (
        pytest.raises(Refused, match="standard input gives more than 0 MB"),
        open_table("-", stdin=io.BytesIO(b"123456")),
    ):
        pass
    assert refused(Path("-")) == "There is nothing to read on standard input: name a file."
    monkeypatch.undo()
    read, write = os.pipe()
    os.write(write, b"a,b\n1,2\n")
    os.close(write)
    try:
        assert rows_of(Path(f"/dev/fd/{read}"))[1] == [(2, ["1", "2"])]
    finally:
        os.close(read)


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    import hashlib

    content = "a,b\r\n1,ü\r\n".encode("cp1252")
    with open_table(str(file(tmp_path, content))) as table:
        assert table.sha256 == hashlib.sha256(content).hexdigest()


def test_a_sheet_is_for_workbooks(tmp_path: Path) -> None:
    assert "is not a workbook" in refused(file(tmp_path, "a,b\n1,2\n"), sheet="x")
