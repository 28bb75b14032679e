"""The message that a launch is: a header for the host and the task itself for its process."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from wherry.launchers.process.preparation import Prepared
from wherry.ports import LaunchRequest
from wherry.runtime.protocol import encode
from wherry.settings import ProcessLauncherSettings

#: Variables of this process that tasks and zygotes see. Others only by ``pass_env``.
ALLOWED: Final = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "XDG_RUNTIME_DIR"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    }
)

#: A task that sets such a variable gets a fresh interpreter: they are read once, when a process or library starts.
SPAWNED: Final = ("PYTHON", "LD_", "OMP_")

_encoder = msgspec.json.Encoder()


class TaskMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What `wherry.runtime.attempt` runs. Holds secrets: it travels by socket and is never written."""

    folder: str
    """Of the attempt; not there yet."""
    component: str
    image: str
    packages: tuple[str, ...]
    env: dict[str, str]
    """The whole environment of the task."""
    executor_input: msgspec.Raw
    output_types: dict[str, str]
    source: str = ""
    function: str = ""
    use_kfp: bool = False
    argv: tuple[str, ...] = ()
    """A command to run instead of a function; empty: there is none."""
    spawn: tuple[str, ...] = ()
    """Interpreter and options to become first; empty: the fork of the zygote runs the task."""
    lease: str = ""
    """The file whose shared lock the task holds; empty: none, or its zygote does."""


def allowed_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What of this process's environment its zygotes may see."""
    return {name: value for name, value in environ.items() if name in ALLOWED}


def inherited_environment(environ: Mapping[str, str], settings: ProcessLauncherSettings) -> dict[str, str]:
    """What of it tasks may see: the same, and what the settings pass on."""
    passed = {name: environ[name] for name in settings.pass_env if name in environ}
    return {**allowed_environment(environ), **passed}


def launch_frame(
    request: LaunchRequest,
    prepared: Prepared,
    *,
    folder: Path,
    inherited: Mapping[str, str],
    settings: ProcessLauncherSettings,
) -> bytes:
    """The frame to send to the host.

    Args:
        request: what is to run.
        prepared: what was found for its image and command.
        folder: of the attempt.
        inherited: `inherited_environment`.
        settings: of the launcher.
    """
    own = {**request.env, **{name: secret.value for name, secret in request.secrets.items()}}
    interpreter, component = prepared.interpreter, prepared.component
    spawned = component is not None and (not settings.zygote or any(name.startswith(SPAWNED) for name in own))
    bare = spawned or component is None
    message = TaskMessage(
        folder=str(folder),
        component=request.component,
        image=request.image,
        packages=prepared.packages,
        env=_environment(own, prepared, folder, inherited),
        executor_input=msgspec.Raw(request.executor_input),
        output_types=request.output_types,
        source=component.source if component else "",
        function=component.function if component else "",
        use_kfp=interpreter.includes_kfp,
        argv=() if component else request.resolved_command,
        spawn=_interpreter(interpreter.python, own) if spawned else (),
        lease=str(interpreter.lease) if bare and interpreter.lease else "",
    )
    header = {
        "op": "launch",
        "attempt": request.attempt_id,
        "task": request.task,
        "component": request.component,
        "code": zlib.crc32(message.source.encode()),
        "folder": message.folder,
        "timeout": request.timeout_seconds,
        "grace": settings.cancel_grace_seconds,
        "log_limit": settings.log_limit_bytes,
        "zygote": _BARE
        if bare
        else {
            "key": interpreter.key,
            "kind": "kfp" if interpreter.includes_kfp else "warm",
            "python": _interpreter(interpreter.python, {}),
            "lease": str(interpreter.lease) if interpreter.lease else "",
        },
    }
    return encode(header, _encoder.encode(message))


def _interpreter(python: Path, own: Mapping[str, str]) -> tuple[str, ...]:
    """Program and options: UTF-8, unbuffered, and deaf to ``PYTHON…`` variables unless the task sets some itself."""
    deaf = "-s" if any(name.startswith("PYTHON") for name in own) else "-I"
    return (str(python), deaf, "-u", "-X", "utf8")


#: Starts commands and fresh interpreters, in wherry's own Python, and runs no user code itself.
_BARE = {
    "key": f"bare {sys.executable}",
    "kind": "bare",
    "python": (sys.executable, "-I", "-S", "-u", "-X", "utf8"),
    "lease": "",
}


def _environment(
    own: Mapping[str, str], prepared: Prepared, folder: Path, inherited: Mapping[str, str]
) -> dict[str, str]:
    env = {**inherited, "TMPDIR": f"{folder}/work", **own}
    if "PATH" not in own:
        # A command that says "python" means the one of its image.
        env["PATH"] = os.pathsep.join((str(prepared.interpreter.python.parent), env.get("PATH", os.defpath)))
    return env
