"""Settings: frozen values, read once, at the edge.

Nothing else looks at the environment or at ``wherry.toml``. A test passes a mapping.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

import msgspec

from wherry.errors import InvalidArgumentError


@dataclass(frozen=True, kw_only=True)
class EngineSettings:
    """How the engine behaves. Environment prefix: ``WHERRY_ENGINE_``."""

    max_parallel_tasks: int = field(default_factory=lambda: max(4, 2 * (os.cpu_count() or 1)))
    """Attempts this process keeps in flight, over all runs. At least 1. Default: twice the cores, at least 4."""

    lease_seconds: float = 30.0
    """How long a run stays claimed without renewal on a database that servers share. At least 3."""

    infrastructure_retries: int = 3
    """Attempts a task may lose to infrastructure (lost process, failed launch) before it fails. At least 0."""

    failpoint: str = ""
    """For tests: ``after-commit:N`` or ``before-launch:N`` ends the process, exit status 137, at the N-th such point."""

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if self.max_parallel_tasks < 1:
            raise InvalidArgumentError("WHERRY_ENGINE_MAX_PARALLEL_TASKS must be at least 1")
        if self.lease_seconds < 3:  # noqa: PLR2004  the documented minimum
            raise InvalidArgumentError("WHERRY_ENGINE_LEASE_SECONDS must be at least 3")
        if self.infrastructure_retries < 0:
            raise InvalidArgumentError("WHERRY_ENGINE_INFRASTRUCTURE_RETRIES must be at least 0")


@dataclass(frozen=True, kw_only=True)
class ImageSettings:
    """A line under ``[images]`` in wherry.toml: what stands in for an image where no container engine runs."""

    python: str = ""
    """Python version such as ``3.11``; empty: the nearest to the running one."""

    packages: tuple[str, ...] = ()
    """Requirements that the image has installed."""


@dataclass(frozen=True, kw_only=True)
class ProcessLauncherSettings:
    """How tasks run as processes of this machine. Environment prefix: ``WHERRY_PROCESS_``."""

    environment: str = "isolated"
    """``isolated``: each task gets what it asks for and nothing else. ``current``: tasks borrow this interpreter."""

    pass_env: tuple[str, ...] = ()
    """Names of environment variables handed to tasks, beside the fixed allow-list."""

    log_limit_bytes: int = 16 * 1024 * 1024
    """A task's log is cut after so many bytes, with a marker. At least 4096."""

    zygote: bool = True
    """Fork tasks from a warm interpreter per environment. Off: every task is spawned. Results are the same."""

    cancel_grace_seconds: float = 10.0
    """Time between SIGTERM and SIGKILL when a task is cancelled or times out."""

    images: dict[str, ImageSettings] = field(default_factory=dict)
    """``[images]`` of wherry.toml, by image name."""

    def __post_init__(self) -> None:
        """Refuse values out of range."""
        if self.environment not in {"isolated", "current"}:
            raise InvalidArgumentError(
                f"WHERRY_PROCESS_ENVIRONMENT is {self.environment!r}; it is 'isolated' or 'current'"
            )
        if self.log_limit_bytes < 4096:  # noqa: PLR2004  the documented minimum
            raise InvalidArgumentError("WHERRY_PROCESS_LOG_LIMIT_BYTES must be at least 4096")


@dataclass(frozen=True, kw_only=True)
class ClientSettings:
    """Which server `wherry.Client` and the command talk to. Environment prefix: ``WHERRY_``; table ``[client]``."""

    host: str = ""
    """Address such as ``http://127.0.0.1:8080``. Empty: the server that holds the state folder, if one does."""

    kfp_endpoint: str = ""
    """What ``KF_PIPELINES_ENDPOINT`` says: where `wherry.Client` goes if it is told nothing else. The command does not:
    what it runs should not land on a cluster by accident."""

    token: str = field(default="", repr=False)
    """What to show a server that asks for one. Empty: the state folder's own, where that server holds it."""

    default_experiment: str = ""
    """Experiment of runs that name none. ``KF_PIPELINES_DEFAULT_EXPERIMENT_NAME`` is read too, as kfp does."""

    override_experiment: str = ""
    """Experiment of every run, whatever it names. ``KF_PIPELINES_OVERRIDE_EXPERIMENT_NAME`` is read too."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that can be set."""

    state: Path
    """The state folder: database, artifacts, environments, logs. ``WHERRY_STATE``; default ``.wherry``."""

    engine: EngineSettings = field(default_factory=EngineSettings)
    process: ProcessLauncherSettings = field(default_factory=ProcessLauncherSettings)
    client: ClientSettings = field(default_factory=ClientSettings)


_S = TypeVar("_S", EngineSettings, ProcessLauncherSettings, ClientSettings)

#: kfp's names of variables, and ours.
_KFP_NAMES = {
    "KF_PIPELINES_ENDPOINT": "WHERRY_KFP_ENDPOINT",
    "KF_PIPELINES_DEFAULT_EXPERIMENT_NAME": "WHERRY_DEFAULT_EXPERIMENT",
    "KF_PIPELINES_OVERRIDE_EXPERIMENT_NAME": "WHERRY_OVERRIDE_EXPERIMENT",
}


def settings_from(environ: Mapping[str, str], *, toml: str = "", state: Path | None = None) -> Settings:
    """Build the settings from an environment and the text of a ``wherry.toml``.

    Args:
        environ: usually the process's environment.
        toml: content of wherry.toml; empty if there is none. Tables ``[engine]``, ``[process]``, ``[images]``
            and ``[client]``.
        state: what ``--state`` said; wins over ``WHERRY_STATE``.

    Raises:
        InvalidArgumentError: a value is of the wrong type, out of range, or not known.
    """
    try:
        document = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise InvalidArgumentError(f"wherry.toml is not valid TOML: {error}") from error
    unknown = set(document) - {"engine", "process", "images", "client"}
    if unknown:
        raise InvalidArgumentError(
            f"wherry.toml has unknown tables: {', '.join(sorted(unknown))}",
            hint="Known are engine, process, images, client.",
        )
    folder = state or Path(environ.get("WHERRY_STATE") or ".wherry")
    return Settings(
        state=folder.expanduser().absolute(),
        engine=_section(environ, "WHERRY_ENGINE_", document.get("engine", {}), EngineSettings),
        process=_section(
            environ,
            "WHERRY_PROCESS_",
            {**document.get("process", {}), "images": document.get("images", {})},
            ProcessLauncherSettings,
        ),
        client=_section(_with_kfp_names(environ), "WHERRY_", document.get("client", {}), ClientSettings),
    )


def load_settings(*, state: Path | None = None, folder: Path | None = None) -> Settings:
    """Read this process's environment and ``wherry.toml`` in ``folder`` (default: the working directory)."""
    file = (folder or Path.cwd()) / "wherry.toml"
    toml = file.read_text(encoding="utf-8") if file.is_file() else ""
    return settings_from(os.environ, toml=toml, state=state)  # noqa: TID251  this is the one home


def _with_kfp_names(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment, where kfp's variables stand in for ours that are not set."""
    stand_ins = {ours: environ[kfps] for kfps, ours in _KFP_NAMES.items() if environ.get(kfps)}
    return {**stand_ins, **environ}


def _section(environ: Mapping[str, str], prefix: str, table: Mapping[str, object], kind: type[_S]) -> _S:
    """One settings class from its table and, winning over it, the environment."""
    values: dict[str, object] = dict(table)
    for field_ in fields(kind):
        text = environ.get(prefix + field_.name.upper())
        if text is not None:
            many = str(field_.type).startswith("tuple")
            values[field_.name] = [part.strip() for part in text.split(",") if part.strip()] if many else text
    unknown = set(values) - {field_.name for field_ in fields(kind)}
    if unknown:
        raise InvalidArgumentError(
            f"wherry.toml has unknown settings: {', '.join(sorted(unknown))}",
            hint=f"Known are {', '.join(sorted(field_.name for field_ in fields(kind)))}.",
        )
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidArgumentError(
            f"a setting cannot be read: {error}", hint=f"It stands in wherry.toml or in a variable {prefix}…"
        ) from error
