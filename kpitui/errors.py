"""What can go wrong for a person, one class per answer a script may want to tell apart.

The text of each is a sentence: what happened, where, and what to do. `exit_code` is what a command ends with.
"""

from __future__ import annotations


class KpituiError(Exception):
    """Refused, or not possible: nothing was saved."""

    exit_code = 1


class Refused(KpituiError):
    """A rule of the workspace or of the program says no."""


class NeedsReason(Refused):
    """It may be done, but only with a reason."""


class NotAllowed(Refused):
    """The account's role in this workspace does not do that."""


class NotFound(KpituiError):
    """A name, file or period that does not exist."""


class WrongUsage(KpituiError):
    """The call's words are off."""

    exit_code = 2


class Conflict(KpituiError):
    """Somebody else changed it meanwhile."""

    exit_code = 3


class Overtaken(Conflict):
    """A backup was restored, or the file replaced, since it was looked at last: everything may stand otherwise."""


class Damaged(KpituiError):
    """The file is damaged or not a kpitui workspace."""

    exit_code = 4


class Busy(KpituiError):
    """Somebody else is writing."""

    exit_code = 5


class ReadOnly(KpituiError):
    """This account may only read the workspace."""

    exit_code = 6


class DiskFull(KpituiError):
    """No space left."""

    exit_code = 7


class NewerSchema(KpituiError):
    """Written by a newer kpitui."""

    exit_code = 8


class Replaced(KpituiError):
    """The file was removed or replaced while it was open."""

    exit_code = 9
