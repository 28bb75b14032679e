"""What ``import kfp`` means inside a task."""

from __future__ import annotations

import importlib

import pytest

from wherry.runtime import artifacts, kfp_standin

pytestmark = pytest.mark.usefixtures("in_a_task")


def test_the_prologue_of_a_lightweight_component_works() -> None:
    kfp_standin.install()
    names: dict[str, object] = {}
    exec("import kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *", names)  # noqa: S102

    assert names["Dataset"] is artifacts.Dataset
    assert names["dsl"].Output is names["Output"]
    assert names["kfp"].__version__ == "2.17.0"
    assert "EmbeddedInput" not in names


def test_wherry_dsl_offers_the_same() -> None:
    kfp_standin.install()
    names: dict[str, object] = {}
    exec("from wherry import dsl\nfrom wherry.dsl import *", names)  # noqa: S102

    assert names["Dataset"] is artifacts.Dataset
    assert names["dsl"].EmbeddedInput is not None


@pytest.mark.parametrize(
    "statement",
    [
        "from kfp.dsl import component",
        "from kfp import compiler",
        "import kfp.dsl.executor_main",
        "import kfp.kubernetes",
        "from wherry.dsl import pipeline",
        "import wherry.engine",
    ],
)
def test_any_other_import_says_that_a_task_does_not_have_it(statement: str) -> None:
    kfp_standin.install()

    with pytest.raises(ImportError, match=r"(kfp|wherry)\.[\w.]+ is not available inside a task"):
        exec(statement, {})  # noqa: S102


def test_any_other_attribute_says_so_too_and_hasattr_is_false() -> None:
    kfp_standin.install()
    dsl = importlib.import_module("kfp.dsl")

    assert not hasattr(dsl, "component")
    with pytest.raises(AttributeError, match=r"kfp\.dsl\.component is not available inside a task"):
        dsl.component  # noqa: B018


def test_the_rest_of_the_runtime_stays_importable() -> None:
    kfp_standin.install()

    assert importlib.import_module("wherry.runtime.seeds").reseed is not None


def test_with_the_real_kfp_only_wherry_is_stood_in_for() -> None:
    kfp_standin.install(real_kfp=True)

    assert importlib.import_module("kfp.version").__file__ is not None
    assert importlib.import_module("wherry.dsl").Dataset is artifacts.Dataset


def test_a_second_installation_changes_nothing() -> None:
    kfp_standin.install()
    first = importlib.import_module("kfp.dsl")
    kfp_standin.install()

    assert importlib.import_module("kfp.dsl") is first
