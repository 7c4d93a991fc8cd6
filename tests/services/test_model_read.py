"""What a model file may hold, and the sentence for what it may not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpitui.domain.periods import to_day
from kpitui.domain.problem import Problem
from kpitui.services.model_file import read, text_of

VISITS = '[[metric]]\nslug = "visits"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "model.toml is empty"),
        ("# only a comment\n[[metrics]]\n", r"line 2: .* no table “metrics”: did you mean \[\[metric\]\]\?"),
        ("[zebra]\n", r"line 1: a model file has no table “zebra”: there are \[workspace\], \[\[scope\]\]"),
        ("nothing = 1\n", "line 1: a model file has no table “nothing”"),
        ('[metric]\nslug = "a"\n', r"line 1: metric is a list of tables: begin each with \[\[metric\]\]"),
        ("[[workspace]]\n", r"line 1: workspace is one table: begin it with \[workspace\]"),
        ("metric = [1]\n", "line 1: metric is a list of tables"),
        ("[workspace]\ncurency = 'EUR'\n", r"line 2, workspace: .* no key “curency”: did you mean currency"),
        ("[workspace]\nfiscal_year_start = 13\n", "line 2, workspace: fiscal_year_start is 13: it must be at most 12"),
        (VISITS + 'ownr = "ana"\n', r"line 3, metric visits: \[\[metric\]\] has no key “ownr”: did you mean owner\?"),
        (VISITS + "zzz = 1\n", r"line 3, metric visits: \[\[metric\]\] has no key “zzz”: there are slug, name"),
        (VISITS + 'unit = "percents"\n', r"line 3, metric visits: unit is “percents”: .*did you mean percent\?"),
        (VISITS + 'hard_min = "0"\n', "line 3, metric visits: hard_min must be a number, not “0”"),
        (VISITS + "hard_min = inf\n", "line 3, metric visits: hard_min must be a finite number"),
        (VISITS + 'feeds = "orders"\n', "line 3, metric visits: feeds is a list of slugs"),
        (VISITS + "numerator = 3\n", "line 3, metric visits: numerator must be the slug of a metric.*, not 3"),
        (VISITS + 'name = "a\\u001b]0;x\\u0007"\n', "line 3, metric visits: The name .* control characters"),
        ('[[metric]]\nname = "x"\n', "line 1, metric: slug is missing"),
        ('[[metric]]\nslug = "Site visits"\n', "line 2, metric Site visits: “Site visits” cannot be a slug"),
        ('[[metric]]\nslug = "max"\n', "line 2, metric max: “max” cannot be a slug: it is a function"),
        (VISITS + "\n" + VISITS, "line 4, metric visits: this one is in the file already, on line 1"),
        ('[[kpi]]\nmetric = "a"\ndeadline = 2026-02-30\n', "line 3, column"),
        ('[[kpi]]\nmetric = "a"\ndeadline = "soon"\n', "line 3, KPI a: deadline must be a date.*, not “soon”"),
        ('[[kpi]]\nmetric = "a"\ndeadline = 2026-12-31T10:00:00\n', "deadline must be a date like 2026-12-31"),
        ('[[kpi]]\nmetric = "a"\nreview = ["weekly", "daily"]\n', "review holds “daily”: use weekly, monthly"),
        ('[[kpi]]\nmetric = "a"\nreview = "weekly"\n', 'review is a list: write it like \\["weekly", "monthly"\\]'),
        ('[[target]]\nkpi = "a"\nvalue = 1\n', "line 1, target of a from: from is missing"),
        ('[[annotation]]\nday = 2026-01-01\ntext = "x"\n', "an annotation is on a metric or on a goal"),
        ("[[metric]]\nslug = \n", "model.toml line 2, column 8: this is not TOML"),
        ('[[metric]]\nslug = "a', "model.toml line 2, column|model.toml, at its end: this is not TOML"),
        ("a = " + "[" * 20_000, "nested too deeply|not TOML"),
        ("a = " + "1" * 5000, "not TOML|has no table"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_file_line_table_and_key(text: str, says: str) -> None:
    with pytest.raises(Problem, match=says) as refused:
        read(text, "model.toml")
    assert str(refused.value).startswith("model.toml")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "a.toml is empty"),
        (b" \n\t\n", "a.toml is empty"),
        (b"\xff\xfea\x00", "a.toml is UTF-16: save it as UTF-8"),
        (b"\x7fELF\x00\x01", "a.toml is a binary file"),
        (b'a = 1\nb = "\xe9"', "a.toml line 2 is not UTF-8"),
        (b"#" * 20_000_001, "a.toml has 20,000,001 bytes"),
    ],
)
def test_a_file_that_is_no_text_is_told_apart(raw: bytes, says: str) -> None:
    with pytest.raises(Problem, match=says):
        text_of(raw, "a.toml")


def test_a_byte_order_mark_is_no_harm() -> None:
    assert text_of(b"\xef\xbb\xbfa = 1", "a") == "a = 1"


def test_values_come_as_the_program_keeps_them() -> None:
    model = read(
        '[workspace]\nname = " Acme "\n'
        '[[metric]]\nslug = "visits"\ntiming = ""\nhard_min = 0\nfeeds = ["b", "a", "b"]\n'
        '[[kpi]]\nmetric = "visits"\nscope = "org"\nreview = ["annual", "weekly"]\n'
        'start = "2026-01-01"\ndeadline = ""\n'
        '[[target]]\nkpi = "visits@org"\nfrom = 2026-07-01\nvalue = 3\n',
        "m.toml",
    )
    assert model.workspace == {"name": "Acme"}
    [metric], [kpi], [target] = model.of("metric"), model.of("kpi"), model.of("target")
    assert metric.values == {"slug": "visits", "timing": None, "hard_min": 0.0, "feeds": ["b", "a"]}
    assert kpi.values["review"] == "weekly,annual"
    assert (kpi.values["start"], kpi.values["deadline"]) == (to_day(date(2026, 1, 1)), None)
    assert kpi.where == "m.toml line 8, KPI visits@org"
    assert target.values == {"kpi": "visits@org", "from": to_day(date(2026, 7, 1)), "value": 3.0}


def test_notes_keep_their_lines_and_lose_what_a_terminal_obeys() -> None:
    model = read(VISITS + 'how = "one\\ntwo\\u001b[31m red [/x]\\u202e"\n', "m.toml")
    assert model.of("metric")[0].values["how"] == "one\ntwo red [/x]"


PIECES = st.sampled_from(
    ["[[metric]]", "[[kpi]]", "[workspace]", "[[target]]", "\n", "slug", " = ", '"visits"', "[", "]", '"', "'''",
     '"""', "1", "2026-01-01", "inf", "true", "{}", "\\", "\x00", "\x1b", "é", "feeds", "name", "metric", "from", "kpi",
     ",", "#", "unit", '"percent"', "9" * 30, "1e999", "\r\n", "\u202e", "key.dotted", "day", "text"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_is_in_the_file_the_answer_is_a_model_or_one_sentence(text: str) -> None:
    try:
        read(text, "m.toml")
    except Problem as problem:
        assert str(problem).startswith("m.toml")
        assert "\n" not in str(problem) and "\x1b" not in str(problem)


@given(st.binary(max_size=60))
def test_any_bytes_give_text_or_one_sentence(raw: bytes) -> None:
    try:
        text_of(raw, "m.toml")
    except Problem as problem:
        assert str(problem).startswith("m.toml")
