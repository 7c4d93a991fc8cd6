from __future__ import annotations

import pytest

from kpitui.domain.log_head import Head, Named, line, named_in, short

HASH = "44811932ce3c3eb017562a046584208bdd9eb4c499af34d4b2544d98cb7a2db9"
HEAD = Head(536, HASH, "2026-11-20T09:05:00Z", "9dc829b8d8d29323", "Acme")


def test_the_line_is_one_of_ascii_whatever_the_workspace_is_called() -> None:
    assert line(HEAD) == (
        f"kpitui-head 1 log 9dc829b8d8d29323 change 536 head {HASH} at 2026-11-20T09:05:00Z workspace \"Acme\""
    )  # fmt: skip
    odd = line(HEAD._replace(workspace='Größe\n"★" change 7, head deadbeefdeadbeef'))
    assert odd.isascii() and "\n" not in odd
    assert named_in(odd)[0] == Named(536, HASH, "9dc829b8d8d29323")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{line(HEAD)}\n{line(HEAD)}\n", [Named(536, HASH, HEAD.log)]),
        (f"Log   {short(536, HASH)}\n", [Named(536, HASH[:16], "")]),
        (f"# kpitui schema 3, change 12, head {HASH}\n", [Named(12, HASH, "")]),
        (f'{{\n  "change": 536,\n  "head": "{HASH}",\n', [Named(536, HASH, "")]),
        (f"read out on the phone: CHANGE 536, HEAD {HASH[:8].upper()}.", [Named(536, HASH[:8], "")]),
        (f"change 1, head {HASH[:10]} and change 2 head {HASH[:9]}",
         [Named(1, HASH[:10], ""), Named(2, HASH[:9], "")]),
        (f"change 536, head {HASH[:7]}", []),  # too few figures to prove anything
        (f"change 536, head {HASH}ab", []),
        (f"exchange 536, head {HASH}", []),
        ("", []),
    ],
)  # fmt: skip
def test_heads_are_found_in_what_kpitui_prints_and_people_copy(text: str, found: list[Named]) -> None:
    assert list(named_in(text)) == found
