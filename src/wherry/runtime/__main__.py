"""The program that runs inside a task's interpreter: a zygote, or one task that was spawned.

It is started by path, ``python -I <this file> zygote …``, in an environment that has none of our packages. It makes
``wherry`` an empty package that holds this folder as ``wherry.runtime`` and nothing else.
"""

from __future__ import annotations

import sys
import types


def _become_wherry() -> None:
    folder = __file__.rpartition("/")[0]
    # Without -I, the folder of the program comes first on the path, and its modules would hide others.
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    wherry = types.ModuleType("wherry")
    wherry.__path__ = []
    runtime = types.ModuleType("wherry.runtime")
    runtime.__path__ = [folder]
    sys.modules["wherry"], sys.modules["wherry.runtime"] = wherry, runtime
    setattr(wherry, "runtime", runtime)  # noqa: B010  the name is not declared


def _main() -> None:
    _become_wherry()
    if sys.argv[1] == "zygote":
        from wherry.runtime.zygote import main
    else:
        from wherry.runtime.attempt import main
    main(sys.argv[2:])


if __name__ == "__main__":
    _main()
