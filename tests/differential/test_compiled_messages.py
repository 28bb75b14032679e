"""What wherry compiles is what kfp 2.17.0 compiles, message for message, but for ``sdkVersion``."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.py"))
EXAMPLE = HERE.parents[1] / "examples" / "employee_attrition" / "pipeline.py"


@pytest.mark.parametrize("case", [*CASES, EXAMPLE], ids=lambda path: path.stem)
def test_one_source_compiles_to_the_same_messages(case, both):
    source = both(case)

    wanted, got = source.compile("kfp"), source.compile("wherry")

    assert got.keys() == wanted.keys()
    assert wanted
    for name in wanted:
        difference = "\n".join(
            difflib.unified_diff(
                wanted[name].text.split("\n"), got[name].text.split("\n"), "kfp", "wherry", lineterm=""
            )
        )
        assert (got[name].spec, got[name].platform) == (wanted[name].spec, wanted[name].platform), (
            f"{name}\n{difference}"
        )
        assert got[name].comment == wanted[name].comment, f"{name}\n{difference}"
