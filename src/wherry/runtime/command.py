"""Runs the command of a container component on this machine, and reads what it left in its output files."""

# The environment is the task's own.
# ruff: noqa: TID251

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from wherry.runtime import process_tree
from wherry.runtime.json_values import NotJsonError
from wherry.runtime.parameter_files import parse_parameter_file

_NOT_EXECUTABLE = 126
_NOT_FOUND = 127


class CommandEndedError(Exception):
    """The command ended, but not well. ``status`` is its wait status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class CommandNotFoundError(Exception):
    """The command's program cannot be started here. ``exit_code`` is what a shell would report."""

    def __init__(self, message: str, *, hint: str, exit_code: int) -> None:
        super().__init__(message)
        self.hint = hint
        self.exit_code = exit_code


def run_command(
    argv: Sequence[str], *, executor_input: Mapping[str, Any], output_types: Mapping[str, str], component: str
) -> dict[str, Any]:
    """Run a command to its end and return KFP's ExecutorOutput as JSON.

    As KFP's launcher does: the folders of its outputs exist before it starts; after exit 0 each output parameter is
    read from its file, and ``outputs.outputFile``, if written, goes before. Every output artifact is reported.

    Args:
        argv: program and arguments, placeholders replaced. The program is looked up in ``PATH``.
        executor_input: KFP's ExecutorInput as JSON.
        output_types: ``ParameterType`` of the IR of each output parameter.
        component: name for messages.

    Raises:
        CommandEndedError: exit status other than 0, or a signal.
        CommandNotFoundError: there is no such program here.
        ParameterFileError, NotJsonError: an output is not what the component declares.
    """
    outputs = executor_input.get("outputs") or {}
    _make_folders(outputs)
    status = _run(argv, component)
    if status:
        raise CommandEndedError(status)
    report = _written_report(outputs.get("outputFile") or "", component)
    values = _written_parameters(outputs, output_types, component)
    values.update(report.get("parameterValues") or {})
    artifacts = {**(outputs.get("artifacts") or {}), **(report.get("artifacts") or {})}
    return {key: part for key, part in (("parameterValues", values), ("artifacts", artifacts)) if part}


def _make_folders(outputs: Mapping[str, Any]) -> None:
    from wherry.runtime.uris import path_of_uri

    files = [parameter["outputFile"] for parameter in (outputs.get("parameters") or {}).values()]
    files += [
        path_of_uri(artifact["uri"])
        for port in (outputs.get("artifacts") or {}).values()
        for artifact in port.get("artifacts") or ()
        if artifact.get("uri")
    ]
    if outputs.get("outputFile"):
        files.append(outputs["outputFile"])
    for file in files:
        Path(file).parent.mkdir(parents=True, exist_ok=True)


def _run(argv: Sequence[str], component: str) -> int:
    """Run it as a child in the same session; returns its wait status."""
    # The whole attempt gets SIGTERM when it is stopped: this process stays, to tell how its command took that.
    signal.signal(signal.SIGTERM, lambda *_: None)
    parent = os.getpid()
    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(argv, parent, tell)
    os.close(tell)
    with os.fdopen(told, "rb") as file:
        refusal = file.read()
    _, status = os.waitpid(pid, 0)
    if refusal:
        raise _not_found(argv[0], int(refusal), component)
    return status


def _become(argv: Sequence[str], parent: int, tell: int) -> NoReturn:
    try:
        process_tree.die_with_parent(signal.SIGKILL)
        if os.getppid() == parent:
            for number in (signal.SIGTERM, signal.SIGPIPE, signal.SIGXFSZ):
                signal.signal(number, signal.SIG_DFL)
            sys.stdout.flush()
            os.execvpe(argv[0], list(argv), os.environ)  # noqa: S606  it is the task
    except OSError as error:
        os.write(tell, str(error.errno).encode())
    finally:
        os._exit(_NOT_FOUND)


def _not_found(program: str, number: int, component: str) -> CommandNotFoundError:
    missing = number in {errno.ENOENT, errno.ENOTDIR}
    return CommandNotFoundError(
        f"the command of component {component!r} starts {program!r}, "
        + ("which this machine does not have" if missing else f"which cannot be started: {os.strerror(number)}"),
        hint="It runs on this machine, not in its image: install the program here, or use a container engine.",
        exit_code=_NOT_FOUND if missing else _NOT_EXECUTABLE,
    )


def _written_report(file: str, component: str) -> dict[str, Any]:
    if not file or not Path(file).is_file():
        return {}
    try:
        report = json.loads(Path(file).read_bytes() or b"{}")
    except (ValueError, RecursionError) as error:
        raise NotJsonError(f"component {component!r} wrote {file!r}, which is not JSON: {error}") from error
    if not isinstance(report, dict):
        raise NotJsonError(f"component {component!r} wrote {file!r}, which holds no ExecutorOutput object")
    return report


def _written_parameters(outputs: Mapping[str, Any], types: Mapping[str, str], component: str) -> dict[str, Any]:
    values = {}
    for name, parameter in (outputs.get("parameters") or {}).items():
        file = Path(parameter["outputFile"])
        if file.is_file():
            where = f"output {name!r} of component {component!r}"
            values[name] = parse_parameter_file(file.read_bytes(), types.get(name, "STRING"), where=where)
    return values
