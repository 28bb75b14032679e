"""What the host and the zygotes load: they start fast, and see nothing of the server's packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import wherry

SOURCE = str(Path(wherry.__file__).parent.parent)

HOST = f"""
import sys
sys.path.append({SOURCE!r})
import wherry.launchers.process.host_main
print(*sorted(sys.modules))
"""

BARE_ZYGOTE = f"""
import runpy, sys
sys.argv = ["zygote", "--"]
program = runpy.run_path({str(Path(SOURCE, "wherry", "runtime", "__main__.py"))!r})
program["_become_wherry"]()
from wherry.runtime import zygote
print(*sorted(sys.modules))
"""

ZYGOTE = BARE_ZYGOTE.replace("print", "from wherry.runtime import performance, seeds; print")


def modules(program: str, *options: str) -> set[str]:
    run = subprocess.run([sys.executable, *options, "-c", program], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


@pytest.mark.parametrize("program", [HOST, ZYGOTE])
def test_it_loads_the_standard_library_and_ours_alone(program: str) -> None:
    known = {*sys.stdlib_module_names, "wherry", "__main__"}

    assert {name for name in modules(program, "-I", "-S") if name.partition(".")[0] not in known} == set()


def test_the_host_loads_the_protocol_with_its_json_and_nothing_else_of_the_runtime() -> None:
    loaded = modules(HOST, "-I", "-S")

    ours = {name for name in loaded if name.startswith("wherry.runtime.")}
    assert ours == {"wherry.runtime.protocol", "wherry.runtime.json_text"}
    assert not loaded & {"asyncio", "subprocess", "logging", "inspect", "ssl"}


def test_a_zygote_loads_what_wants_hooks_at_each_fork_only_when_they_are_put_off() -> None:
    with_hooks = {"threading", "logging", "random"}

    assert modules(BARE_ZYGOTE, "-I", "-S") & with_hooks == set()
    assert modules(ZYGOTE, "-I", "-S") & with_hooks == with_hooks


def test_a_zygote_sees_no_other_part_of_wherry() -> None:
    loaded = {name for name in modules(ZYGOTE, "-I", "-S") if name.startswith("wherry.")}

    assert {name for name in loaded if not name.startswith("wherry.runtime")} == set()
