"""What an environment holds, for people: read from the environment itself, not from what was asked for."""

from __future__ import annotations

import importlib.metadata
import platform
import re
from pathlib import Path
from typing import Final

from wherry.launchers.process.environments import FORMAT
from wherry.ports import AttemptEnvironment

_KEY: Final = re.compile(rf"{FORMAT}-[0-9a-f]+")
_CURRENT: Final = "current "


def read_environment(environments: Path, key: str) -> AttemptEnvironment | None:
    """What stands behind the key of an interpreter that was lent to a task.

    Args:
        environments: the folder of all environments.
        key: of `LentInterpreter`.

    Returns:
        None if the environment is gone, or the key is none that this version writes.
    """
    if key.startswith(_CURRENT):
        return AttemptEnvironment(
            python=platform.python_version(), packages=(), note="It ran with the Python that runs wherry."
        )
    if _KEY.fullmatch(key) is None:
        return None
    libraries = sorted((environments / key / "lib").glob("python3.*/site-packages"))
    python = _version(environments / key / "pyvenv.cfg")
    if not libraries or python is None:
        return None
    found = importlib.metadata.distributions(path=[str(libraries[0])])
    return AttemptEnvironment(python=python, packages=tuple(sorted(f"{one.name}=={one.version}" for one in found)))


def _version(config: Path) -> str | None:
    """The interpreter's version, as the maker of a virtual environment writes it."""
    try:
        text = config.read_text(encoding="utf-8")
    except OSError:
        return None
    found = re.search(r"^version(?:_info)? = (\d+\.\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else None
