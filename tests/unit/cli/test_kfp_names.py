import sys
from pathlib import Path

import pytest

import wherry
from wherry.cli.kfp_names import ours_as_kfp
from wherry.cli.sources import CompilerChoice, load_pipeline
from wherry.dsl.components import Component
from wherry.errors import WherryError

WITH_KFP = str(Path(__file__).parents[2] / "e2e" / "pipelines" / "with_kfp.py")


def test_a_file_that_imports_kfp_defines_a_pipeline_of_ours() -> None:
    pipeline = load_pipeline(WITH_KFP, compiler=CompilerChoice.WHERRY)

    assert (type(pipeline).__module__.partition(".")[0], isinstance(pipeline, Component)) == ("wherry", True)


def test_kfp_means_again_what_it_meant_before() -> None:
    before = {name: module for name, module in sys.modules.items() if name.startswith("kfp")}

    load_pipeline(WITH_KFP, compiler=CompilerChoice.WHERRY)

    assert {name: module for name, module in sys.modules.items() if name.startswith("kfp")} == before


def test_every_way_to_write_the_import_leads_to_ours() -> None:
    with ours_as_kfp():
        import kfp
        import kfp.dsl as by_path
        from kfp import Client, compiler, dsl
        from kfp.dsl.types.artifact_types import Dataset

        found = (dsl, by_path, kfp.dsl, compiler, Client, Dataset)

    assert found == (wherry.dsl, wherry.dsl, wherry.dsl, wherry.compiler, wherry.Client, wherry.dsl.Dataset)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("from kfp import kubernetes", "kfp.kubernetes"),
        ("import kfp.registry", "kfp.registry"),
        ("from kfp.components import load_component_from_file", "kfp.components"),
        ("import kfp; kfp.fixed", "kfp.fixed"),
    ],
)
def test_what_wherry_has_not_is_refused_by_name(tmp_path: Path, line: str, name: str) -> None:
    (tmp_path / "p.py").write_text(line)

    with pytest.raises(WherryError) as refused:
        load_pipeline(str(tmp_path / "p.py"), compiler=CompilerChoice.WHERRY)

    assert f"{name}: wherry stands in for kfp here" in refused.value.message


def test_a_file_may_do_without_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(
        "from kfp import dsl\n"
        "try:\n    from kfp import kubernetes\nexcept ImportError:\n    kubernetes = None\n"
        "@dsl.component\ndef one() -> int:\n    return 1\n"
    )

    assert load_pipeline(str(tmp_path / "p.py"), compiler=CompilerChoice.WHERRY).name == "one"
