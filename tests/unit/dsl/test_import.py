"""``import wherry.dsl`` is quick, and needs the standard library only."""

from __future__ import annotations

import subprocess
import sys

import pytest

#: Quick to leave out, slow to load: none of it is needed to define a pipeline.
SLOW = {
    "asyncio",
    "email",
    "http",
    "importlib.metadata",
    "logging",
    "socket",
    "ssl",
    "subprocess",
    "tarfile",
    "tempfile",
    "urllib",
    "uuid",
}


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    script = "import sys; before = set(sys.modules); import wherry.dsl; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-I", "-c", script], check=True, capture_output=True, text=True)
    return set(run.stdout.split())


def test_it_loads_the_standard_library_and_the_runtime_only(loaded):
    names = {name.partition(".")[0] for name in loaded} - {"wherry"}

    assert names <= sys.stdlib_module_names
    assert {name.split(".")[1] for name in loaded if name.startswith("wherry.")} == {"dsl", "errors", "runtime"}


def test_it_loads_nothing_slow(loaded):
    assert loaded & SLOW == set()


def test_all_names_that_kfp_exports_are_there():
    import kfp.dsl

    import wherry.dsl

    missing = set(kfp.dsl.__all__) - set(dir(wherry.dsl))
    assert missing == {"notebook_component", "run_notebook"}
