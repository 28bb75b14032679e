"""What wherry compiles passes its own validation, and survives a round trip through YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from wherry.compiler import compile_package, package_text
from wherry.dsl.components import Component
from wherry.ir.validate import validate
from wherry.ir.yaml import parse_package

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.py"))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_package_is_valid_and_is_read_back_as_it_was(case, both):
    module = both(case).load("wherry")

    packages = [compile_package(value) for value in vars(module).values() if isinstance(value, Component)]

    assert [validate(package) for package in packages] == [()] * len(packages)
    assert [parse_package(package_text(package)) for package in packages] == packages
