"""`wherry.Client` has the methods of ``kfp.Client``, with its parameters and defaults."""

import inspect
import warnings

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kfp.client.client import Client as KfpClient
    from kfp.client.client import RunPipelineResult as KfpResult

from wherry.api.runs import Run
from wherry.client import Client, RunPipelineResult


def public_methods(kind: type) -> dict[str, inspect.Signature]:
    members = inspect.getmembers(kind, inspect.isfunction)
    return {name: inspect.signature(it) for name, it in members if not name.startswith("_") or name == "__init__"}


def parameters(signature: inspect.Signature) -> list[tuple[str, object, object]]:
    return [(one.name, one.kind, one.default) for one in signature.parameters.values()]


@pytest.mark.parametrize("name", public_methods(KfpClient))
def test_a_method_has_the_parameters_and_defaults_of_kfp(name: str) -> None:
    ours, kfps = public_methods(Client)[name], public_methods(KfpClient)[name]

    assert parameters(ours) == parameters(kfps)


def test_the_result_of_a_submission_has_what_kfps_has() -> None:
    ours, kfps = public_methods(RunPipelineResult), public_methods(KfpResult)

    assert {name: parameters(one) for name, one in kfps.items() if name != "__init__"} == {
        name: parameters(ours[name]) for name in kfps if name != "__init__"
    }
    result = RunPipelineResult(Client("h"), Run(run_id="r"))
    assert (result.run_id, result.run_info, repr(result)) == ("r", Run(run_id="r"), "RunPipelineResult(run_id=r)")
