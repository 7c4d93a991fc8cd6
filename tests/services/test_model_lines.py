from __future__ import annotations

from kpitui.services.model_lines import Lines

TEXT = '''\
# a [[metric]] in a comment
top = 1
[workspace]
name = "a # b"
[[metric]]
slug = "a"
how = """
[[metric]]
slug = "no"
\\""" still
"""
feeds = [
  "x", # ]
  "owner = 1",
]
owner = "it's"
[[metric]]   # second
"slug" = 'b'
source = \'\'\'
owner = 3\'\'\'
'slug two' = 1
'''


def test_tables_and_keys_are_found_where_they_stand() -> None:
    lines = Lines(TEXT)
    assert lines.key("", 0, "top") == 2
    assert lines.table("workspace") == 3
    assert (lines.table("metric"), lines.table("metric", 1), lines.table("metric", 2)) == (5, 17, None)
    assert lines.key("workspace", 0, "name") == 4
    assert lines.key("metric", 0, "slug") == 6
    assert lines.key("metric", 0, "feeds") == 12
    assert lines.key("metric", 0, "owner") == 16
    assert lines.key("metric", 1, "slug") == 18
    assert lines.key("metric", 1, "slug two") == 21
    assert lines.key("metric", 1, "owner") is None


def test_any_text_is_read_without_complaint() -> None:
    for text in ("", "[", '"""', "a = [", "[[", "'", "= 1", '"\\'):
        Lines(text)
