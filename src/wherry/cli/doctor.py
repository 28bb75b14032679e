"""``wherry doctor``."""

from __future__ import annotations

import enum
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import click

from wherry.cli import wording
from wherry.cli.options import state_option
from wherry.client import Client
from wherry.client.address import announced_address
from wherry.errors import WherryError
from wherry.launchers.process.interpreters import installed_pythons
from wherry.settings import load_settings
from wherry.store.inspection import inspect_state, sqlite_version
from wherry.wiring import uv_version

_SAFE_SQLITE = (3, 51, 3)
_SPACE_WANTED = 2 << 30
_PYTHON_WANTED = (3, 11)
_PATIENCE_SECONDS = 5.0


class _Grade(enum.Enum):
    OK = ("ok", "green")
    WARN = ("warn", "yellow")
    FAIL = ("fail", "red")


@dataclass(frozen=True)
class _Finding:
    grade: _Grade
    subject: str
    detail: str
    hint: str = ""


@click.command("doctor")
@state_option
def command(state: Path | None) -> int:
    """Check this machine and a state folder. Exit status 1 if something must be mended."""
    settings = load_settings(state=state)
    worst = _Grade.OK
    for finding in (*_machine(), *_folder(settings.state)):
        word, colour = finding.grade.value
        click.echo(f"  {click.style(f'{word:<4}', fg=colour)}  {finding.subject:<12} {finding.detail}")
        if finding.hint:
            click.echo(f"        hint: {finding.hint}")
        if finding.grade is _Grade.FAIL:
            worst = _Grade.FAIL
    return 1 if worst is _Grade.FAIL else 0


def _machine() -> Iterator[_Finding]:
    yield _Finding(_Grade.OK, "wherry", f"{version('wherry')} in {sys.prefix}")
    python = platform.python_version()
    fit = sys.version_info >= _PYTHON_WANTED
    yield _Finding(_Grade.OK if fit else _Grade.FAIL, "python", f"{python}, {sys.executable}")
    linux = sys.platform == "linux"
    yield _Finding(
        _Grade.OK if linux else _Grade.WARN,
        "system",
        platform.platform(),
        "" if linux else "Tasks are spawned instead of forked here, which costs some milliseconds each.",
    )
    yield _sqlite()
    yield _uv()
    found = installed_pythons()
    yield _Finding(
        _Grade.OK if found else _Grade.WARN,
        "interpreters",
        ", ".join(found) or "none found",
        "" if found else "Images such as python:3.11 are run with the interpreter of the same version.",
    )


def _sqlite() -> _Finding:
    have = sqlite_version()
    safe = tuple(int(part) for part in have.split(".")) >= _SAFE_SQLITE
    return _Finding(
        _Grade.OK,
        "sqlite",
        have
        if safe
        else f"{have} (older than 3.51.3: one writer and one checkpointer only, which is how wherry works)",
    )


def _uv() -> _Finding:
    try:
        return _Finding(_Grade.OK, "uv", uv_version())
    except (WherryError, OSError) as error:
        return _Finding(_Grade.FAIL, "uv", str(error), "Reinstall wherry: uv comes with it from PyPI.")


def _server(state: Path) -> Iterator[_Finding]:
    """The server that says it holds the folder."""
    announced = announced_address(state)
    if announced is None:
        return
    if Client(announced.url, existing_token=announced.token or None).answers(seconds=_PATIENCE_SECONDS):
        yield _Finding(_Grade.OK, "server", f"{announced.url} answers")
    else:
        yield _Finding(
            _Grade.FAIL,
            "server",
            f"{announced.url} does not answer",
            "Stop its process and start it again with `wherry up`; tasks go on meanwhile.",
        )


def _folder(state: Path) -> Iterator[_Finding]:
    if not state.exists():
        yield _Finding(_Grade.OK, "state", f"{state} does not exist yet; the first run makes it")
        return
    condition = inspect_state(state)
    yield _Finding(_Grade.OK, "state", f"{state}, schema {condition.revision or 'none'}, {condition.runs} runs")
    if condition.holder:
        yield _Finding(_Grade.OK, "held by", condition.holder)
    yield from _server(state)
    yield _Finding(
        _Grade.FAIL if condition.problem else _Grade.OK,
        "database",
        condition.problem or "sound",
        ""
        if not condition.problem
        else "Do not write to it. Copy the folder, then restore the database from a backup.",
    )
    free = shutil.disk_usage(state).free
    yield _Finding(
        _Grade.OK if free >= _SPACE_WANTED else _Grade.WARN,
        "disk",
        f"{wording.size(free)} free",
        "" if free >= _SPACE_WANTED else "Environments and artifacts need room; a full disk stops runs.",
    )
