from __future__ import annotations

import os
import pwd
from types import SimpleNamespace

import pytest

from kpitui.identity import who


def test_the_account_is_the_processs_not_a_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(variable, "ceo")
    assert who() == (os.getuid(), pwd.getpwuid(os.getuid()).pw_name, os.uname().nodename)
    assert who().name != "ceo"


def test_an_account_without_a_name_has_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
    assert who().name == "uid3999999999"


def test_a_hostile_name_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pwd, "getpwuid", lambda uid: SimpleNamespace(pw_name="ana\x1b]0;x\x07"))
    assert who().name == "ana"
