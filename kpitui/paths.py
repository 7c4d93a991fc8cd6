"""Where kpitui keeps and finds its files, by the XDG rules (on Windows in the user's AppData).

Paths are plain strings: pathlib alone costs a fifth of what `kpitui tell` may take.
"""

from __future__ import annotations

import errno
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE = os.path.dirname(os.path.abspath(__file__))


def _folder(env: Mapping[str, str], variable: str, fallback: str, windows: str) -> str:
    base = env.get(variable, "")
    if not os.path.isabs(base):  # the XDG rules: a relative one is to be ignored
        base = ""
    if not base and sys.platform == "win32":
        base = env.get(windows, "")
    return os.path.join(base or os.path.join(os.path.expanduser("~"), fallback), "kpitui")


def config_folder(env: Mapping[str, str] = os.environ) -> str:
    return _folder(env, "XDG_CONFIG_HOME", ".config", "APPDATA")


def config_file(env: Mapping[str, str] = os.environ) -> str:
    return os.path.join(config_folder(env), "config.toml")


def state_folder(env: Mapping[str, str] = os.environ) -> str:
    """What the program remembers for this user on this machine: drafts, crash reports, the last log head seen."""
    return _folder(env, "XDG_STATE_HOME", os.path.join(".local", "state"), "LOCALAPPDATA")


def data_folder(env: Mapping[str, str] = os.environ) -> str:
    return _folder(env, "XDG_DATA_HOME", os.path.join(".local", "share"), "LOCALAPPDATA")


def own_workspace(env: Mapping[str, str] = os.environ) -> str:
    """The user's own workspace: opened when nothing else was named."""
    return os.path.join(data_folder(env), "workspace.db")


def shipped_themes() -> str:
    """The themes that came with the program: in the installed package, or beside it in a checkout."""
    packaged = os.path.join(_HERE, "themes")
    return packaged if os.path.isdir(packaged) else os.path.join(os.path.dirname(_HERE), "themes")


def theme_folders(env: Mapping[str, str] = os.environ, extra: str | None = None) -> list[str]:
    """Every folder that themes are read from, the later ones winning by name; they need not exist."""
    system = [f for f in reversed(env.get("XDG_CONFIG_DIRS", "").split(os.pathsep)) if os.path.isabs(f)] or ["/etc/xdg"]
    folders = [shipped_themes(), *(os.path.join(f, "kpitui", "themes") for f in system)]
    folders.append(os.path.join(config_folder(env), "themes"))
    if extra is not None:
        folders.append(os.path.abspath(extra))
    return folders


def template_folders(workspace: str | None = None, env: Mapping[str, str] = os.environ) -> list[str]:
    """Every folder that templates are read from, the shipped ones first, later ones winning by name: the machine's, the
    user's own, and what a team shares beside its `workspace`; they need not exist."""
    system = [f for f in reversed(env.get("XDG_CONFIG_DIRS", "").split(os.pathsep)) if os.path.isabs(f)] or ["/etc/xdg"]
    folders = [os.path.join(_HERE, "library"), *(os.path.join(f, "kpitui", "templates") for f in system)]
    folders.append(os.path.join(config_folder(env), "templates"))
    if workspace is not None:
        folders.append(os.path.join(os.path.dirname(os.path.abspath(workspace)), "templates"))
    return folders


def drafts_folder(env: Mapping[str, str] = os.environ) -> str:
    """Where unfinished input waits, each file 0600; made with `private_folder` by the first draft."""
    return os.path.join(state_folder(env), "drafts")


def crash_folder(env: Mapping[str, str] = os.environ) -> str:
    return os.path.join(state_folder(env), "crashes")


def private_folder(path: str) -> str:
    """`path` as a folder that only its owner can enter, made when it is missing.

    Raises PermissionError when it belongs to somebody else or is a link: what is written there would not be private.
    """
    parent = os.path.dirname(path)
    if not os.path.isdir(parent):
        os.makedirs(parent, 0o700, exist_ok=True)
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass
    found = os.lstat(path)
    if not stat.S_ISDIR(found.st_mode):
        raise PermissionError(errno.ENOTDIR, "Not a folder of your own", path)
    if sys.platform != "win32":
        if found.st_uid != os.getuid():
            raise PermissionError(errno.EPERM, "Belongs to another account", path)
        if stat.S_IMODE(found.st_mode) & 0o077:
            os.chmod(path, 0o700)
    return path
