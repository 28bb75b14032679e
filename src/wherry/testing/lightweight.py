"""Commands of lightweight components, as kfp 2.17 compiles them, without compiling."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

_INSTALL = "PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location "

_PREPARE = (
    '\nif ! [ -x "$(command -v pip)" ]; then\n'
    "    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip\nfi\n\n"
)

_PROGRAM = (
    'program_path=$(mktemp -d)\n\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
    "_KFP_RUNTIME=true python3 -m kfp.dsl.executor_main --component_module_path "
    '"$program_path/ephemeral_component.py" "$@"\n'
)

_IMPORTS = "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\n"


def lightweight_command(source: str, function: str, *, packages: Sequence[str] = ()) -> tuple[str, ...]:
    """Command and arguments of a lightweight component.

    Args:
        source: text of the function, which may use ``dsl`` and the names of ``typing``.
        function: its name.
        packages: its ``packages_to_install``.
    """
    asked = " ".join(shlex.quote(package) for package in packages)
    own = f" && {_INSTALL}{asked}" if packages else ""
    script = f"{_PREPARE}{_INSTALL}'kfp==2.17.0' '--no-deps'{own} && \"$0\" \"$@\"\n"
    return (
        *("sh", "-c", script, "sh", "-ec", _PROGRAM, _IMPORTS + source),
        *("--executor_input", "{{$}}", "--function_to_execute", function),
    )
