"""Files written for kfp compile to the same where kfp is missing and wherry answers to its name."""

import sys
import warnings
from pathlib import Path
from typing import Any

import msgspec
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kfp.compiler  # noqa: F401  warns about itself once, here

from wherry.cli.sources import CompilerChoice, load_pipeline
from wherry.client.packages import package_of
from wherry.errors import WherryError

CORPUS = Path(__file__).parents[1] / "corpus"

#: What wherry has not, or takes more strictly, by the file that needs it; the text its refusal holds.
REFUSED = {
    "loaded_pipeline": "kfp.components",
    "v1_component": "kfp.components",
    "notebook": "notebook_component",
    "loop_over_constants": "'size' of component 'describe' is STRING",
}
#: Their executors hold paths or archives that are made anew each time the file is loaded.
MADE_ANEW = {"custom_artifact_types", "embedded_artifacts", "packages"}

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning")


def compiled(name: str, compiler: CompilerChoice) -> dict[str, Any]:
    # A module beside the file is for the kfp that it was imported with.
    for module in [one for one in sys.modules if one.startswith("corpus_")]:
        del sys.modules[module]
    package = package_of(load_pipeline(str(CORPUS / f"{name}.py"), function="pipeline", compiler=compiler))
    plain: dict[str, Any] = msgspec.to_builtins(package)
    del plain["spec"]["sdkVersion"]
    if name in MADE_ANEW:
        del plain["spec"]["deploymentSpec"]
    return plain


@pytest.mark.parametrize("name", sorted({path.stem for path in CORPUS.glob("*.py")} - set(REFUSED)))
def test_a_file_of_the_corpus_compiles_to_what_kfp_makes_of_it(name: str) -> None:
    assert compiled(name, CompilerChoice.WHERRY) == compiled(name, CompilerChoice.KFP)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_needs_more_than_wherry_has_is_refused_by_name(name: str) -> None:
    with pytest.raises(WherryError) as refused:
        compiled(name, CompilerChoice.WHERRY)

    assert REFUSED[name] in refused.value.message
