"""What a launch request needs before it can run: the interpreter, its packages, or a refusal. Blocks: use a thread."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from wherry.launchers.process.environments import EnvironmentRequest, Environments
from wherry.launchers.process.file_locks import FileLock, LockKind
from wherry.launchers.process.index_options import pip_options
from wherry.launchers.process.interpreters import Interpreters
from wherry.launchers.process.lightweight import LightweightComponent, recognise
from wherry.ports import LaunchRequest
from wherry.settings import ProcessLauncherSettings

OnProgress = Callable[[str], None]

#: A request for kfp itself, not for one of its sister packages.
_KFP = re.compile(r"kfp(?![\w.-])", re.IGNORECASE)

#: Prepared commands kept in mind.
_REMEMBERED: Final = 4096


class LentInterpreter(msgspec.Struct, frozen=True, kw_only=True):
    """The Python that a task runs with."""

    key: str
    """Equal keys share a zygote."""
    python: Path
    lease: Path | None = None
    """Held shared by everything that runs with it; None if nobody would delete it."""
    includes_kfp: bool = False
    """kfp is there and asked for: it runs the component, instead of the stand-in."""


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that requests with the same image and command have in common."""

    component: LightweightComponent | None
    """None: the command runs as written."""
    interpreter: LentInterpreter
    packages: tuple[str, ...]
    """What the environment was made of, for messages."""
    warnings: tuple[str, ...] = ()


class Preparation:
    """Prepares requests, each image and command once.

    Args:
        folder: of the environments.
        settings: of the launcher.
        environ: the process's environment, for uv and for the search of interpreters.
    """

    def __init__(self, folder: Path, *, settings: ProcessLauncherSettings, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._environ = environ
        self._known: dict[tuple[str, tuple[str, ...]], Prepared] = {}
        self._leases: dict[Path, FileLock] = {}

    def known(self, request: LaunchRequest) -> Prepared | None:
        """What was prepared for the same image and command before. Cheap."""
        return self._known.get((request.image, request.command))

    def prepare(self, request: LaunchRequest, on_progress: OnProgress) -> Prepared:
        """Choose the interpreter, and build its environment if need be.

        Raises:
            UnknownImageError: nothing here can stand in for the image.
            EnvironmentBuildError: the environment cannot be built.
        """
        component = recognise(request.command)
        lend = self._current if self._settings.environment == "current" else self._isolated
        prepared = lend(request, component, on_progress)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[request.image, request.command] = prepared
        return prepared

    def close(self) -> None:
        """Let go of the environments. Zygotes and tasks hold on to theirs."""
        for lease in self._leases.values():
            lease.__exit__(None, None, None)
        self._leases.clear()

    def _current(
        self, request: LaunchRequest, component: LightweightComponent | None, _on_progress: OnProgress
    ) -> Prepared:
        """The interpreter that runs wherry, with what is installed for it."""
        if component is None:
            self._interpreters.for_image(request.image, self._settings.images)  # refuses what it does not know
        packages = component.packages if component else ()
        asks_for_kfp = any(_KFP.match(package) for package in packages)
        return Prepared(
            component=component,
            interpreter=LentInterpreter(
                key=f"current {sys.executable}{' with kfp' if asks_for_kfp else ''}",
                python=Path(sys.executable),
                includes_kfp=asks_for_kfp,
            ),
            packages=packages,
            warnings=_warnings(request, component, ""),
        )

    def _isolated(
        self, request: LaunchRequest, component: LightweightComponent | None, on_progress: OnProgress
    ) -> Prepared:
        """An interpreter of its own version with its own packages."""
        choice = self._interpreters.for_image(request.image, self._settings.images)
        packages = (*choice.packages, *(component.packages if component else ()))
        environment = self._environments.ensure(
            EnvironmentRequest(
                python=choice.interpreter.minor,
                requirements=packages,
                index_urls=component.index_urls if component else (),
                trusted_hosts=component.trusted_hosts if component else (),
            ),
            on_progress=on_progress,
        )
        if environment.lease_file not in self._leases:
            # For as long as this launcher lives: requests that are prepared already find it in place.
            self._leases[environment.lease_file] = FileLock(environment.lease_file, LockKind.SHARED).__enter__()
        return Prepared(
            component=component,
            interpreter=LentInterpreter(
                key=environment.key,
                python=environment.python,
                lease=environment.lease_file,
                includes_kfp=environment.includes_kfp,
            ),
            packages=packages,
            warnings=_warnings(request, component, choice.note),
        )

    @functools.cached_property
    def _interpreters(self) -> Interpreters:
        return Interpreters(self._environ)

    @functools.cached_property
    def _environments(self) -> Environments:
        environments = Environments(
            self._folder, interpreters=self._interpreters, options=pip_options(self._environ), environ=self._environ
        )
        environments.remove_leftovers()
        return environments


def _warnings(request: LaunchRequest, component: LightweightComponent | None, note: str) -> tuple[str, ...]:
    warnings = [note] if note else []
    if component is None:
        warnings.append(f"the command of {request.component!r} runs on this machine, not in image {request.image!r}")
    return tuple(warnings)
