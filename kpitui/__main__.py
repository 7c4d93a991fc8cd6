"""`python -m kpitui`: the same as the `kpitui` command, where that is safe.

Python puts the current folder first on its path then, so that a module planted in a shared folder (`click.py`) would
run under the account of whoever types this there. Only a checkout's own folder is allowed.
"""

import os
import sys


def planted(first: str, current: str, package: str) -> bool:
    """True when `first`, the head of the module path, is the folder `current` and not the one that holds `package`."""
    real = os.path.realpath
    return real(first or current) == real(current) and real(current) != os.path.dirname(real(package))


if __name__ == "__main__":
    if not sys.flags.safe_path and planted(sys.path[0], os.getcwd(), os.path.dirname(__file__)):
        sys.stderr.write("kpitui: modules of this folder would be run: type kpitui, or python -P -m kpitui, instead.\n")
        sys.exit(2)
    from kpitui.cli.main import main

    sys.exit(main())
