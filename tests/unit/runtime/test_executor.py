"""A component's function is called with what it declares, and what it returns is checked."""

from __future__ import annotations

import inspect
import sys
import textwrap
import traceback
from pathlib import Path
from typing import Any

import pytest

from wherry.runtime import executor
from wherry.runtime.binding import MissingInputError
from wherry.runtime.json_values import NotJsonError
from wherry.runtime.loader import FunctionNotFoundError
from wherry.runtime.parameter_files import ParameterFileError
from wherry.runtime.returned import ReturnedValueError

pytestmark = pytest.mark.usefixtures("in_a_task")

PROLOGUE = "\nimport kfp\nfrom kfp import dsl\nfrom kfp.dsl import *\nfrom typing import *\n\n"


def artifact(title: str = "system.Dataset", **more: object) -> dict[str, object]:
    return {"name": "n", "uri": "/in/a", "metadata": {}, "type": {"schemaTitle": title}, **more}


def port(*artifacts: dict[str, object]) -> dict[str, object]:
    return {"artifacts": list(artifacts)}


def run(
    body: str,
    *,
    parameters: dict[str, Any] | None = None,
    inputs: dict[str, Any] | None = None,
    outputs: dict[str, Any] | None = None,
    files: dict[str, Path] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """Run the component whose function, called ``train``, is ``body``."""
    executor_input = {
        "inputs": {"parameterValues": parameters or {}, "artifacts": inputs or {}},
        "outputs": {
            "artifacts": outputs or {},
            "parameters": {name: {"outputFile": str(path)} for name, path in (files or {}).items()},
            "outputFile": "/root-of-task/executor_output.json",
        },
    }
    source = PROLOGUE + textwrap.dedent(body)
    return executor.run_component(source=source, function="train", executor_input=executor_input, **more)


def values(body: str, **more: Any) -> dict[str, Any]:
    return run(body, **more).get("parameterValues", {})


# -- parameters --------------------------------------------------------------------------------------------------------


def test_parameters_of_every_type_arrive_as_they_are() -> None:
    body = """
        def train(a: int, b: float, c: str, d: bool, e: list, f: Dict[str, int], g: Optional[int] = 3) -> list:
            return [a, b, c, d, e, f, g]
    """
    sent = {"a": 1, "b": 0.5, "c": "x", "d": True, "e": [1, 2.5, "y"], "f": {"k": 1}, "g": None}

    assert values(body, parameters=sent) == {"Output": [1, 0.5, "x", True, [1, 2.5, "y"], {"k": 1}, 3]}


def test_a_missing_parameter_gets_its_default_and_an_optional_one_too() -> None:
    assert values("def train(a: int = 7, b: Optional[str] = None) -> str:\n    return f'{a}{b}'") == {"Output": "7None"}


def test_integers_stay_integers_wherever_they_stand() -> None:
    result = values(
        "def train(a: int, b: list) -> dict:\n    return {'a': a, 'b': b}", parameters={"a": 2**60, "b": [1]}
    )

    assert repr(result) == "{'Output': {'a': 1152921504606846976, 'b': [1]}}"


def test_a_number_gets_the_declared_kind_since_json_does_not_tell() -> None:
    result = values("def train(a: int, b: float) -> str:\n    return f'{a!r} {b!r}'", parameters={"a": 3.0, "b": 3})

    assert result == {"Output": "3 3.0"}


def test_the_final_status_of_other_tasks_is_an_object() -> None:
    body = "def train(status: PipelineTaskFinalStatus) -> bool:\n    return status.state == 'COMPLETE' and status.error_code is None"

    assert values(body, parameters={"status": {"state": "SUCCEEDED"}}) == {"Output": True}
    with pytest.raises(MissingInputError, match="must be an exit task"):
        run(body)


def test_the_task_configuration_is_an_object_and_empty_where_none_was_sent() -> None:
    body = "def train(config: dsl.TaskConfig) -> list:\n    return [config.node_selector, config.env]"

    assert values(body, parameters={"config": {"nodeSelector": {"a": "b"}}}) == {"Output": [{"a": "b"}, None]}
    assert values(body) == {"Output": [None, None]}


# -- artifacts ---------------------------------------------------------------------------------------------------------


def test_an_input_artifact_is_of_the_class_that_its_type_names() -> None:
    body = """
        def train(data: Input[Artifact]) -> list:
            return [type(data).__name__, data.name, data.uri, data.path, data.metadata]
    """
    sent = artifact("system.Dataset", uri="s3://b/a", metadata={"rows": 3})

    assert values(body, inputs={"data": port(sent)}) == {"Output": ["Dataset", "n", "s3://b/a", "/s3/b/a", {"rows": 3}]}


@pytest.mark.parametrize("annotation", ["Input[Dataset]", "Dataset", "Optional[Dataset]", "InputPath('Dataset')"])
def test_an_optional_artifact_that_is_missing_is_none(annotation: str) -> None:
    assert values(f"def train(data: {annotation} = None) -> bool:\n    return data is None") == {"Output": True}


@pytest.mark.parametrize(
    "annotation", ["Input[List[Dataset]]", "List[Dataset]", "list[Dataset]", "Input[list[Dataset]]"]
)
def test_a_list_of_artifacts_is_a_list_also_when_it_is_empty(annotation: str) -> None:
    body = f"def train(data: {annotation}) -> list:\n    return [item.uri for item in data]"

    sent = port(artifact(uri="/a"), artifact(uri="/b"))
    assert values(body, inputs={"data": sent}) == {"Output": ["/a", "/b"]}
    assert values(body, inputs={"data": port()}) == {"Output": []}


def test_a_path_of_an_artifact_can_be_asked_for_alone() -> None:
    body = "def train(data: InputPath('Dataset'), any: InputPath()) -> list:\n    return [data, any]"

    sent = {"data": port(artifact(uri="gs://b/a")), "any": port(artifact(uri="/x"))}
    assert values(body, inputs=sent) == {"Output": ["/gcs/b/a", "/x"]}


def test_a_class_of_the_components_own_is_used_for_a_type_nobody_else_knows() -> None:
    body = """
        class Plan(Artifact):
            schema_title = 'acme.Plan'
            def steps(self):
                return self.metadata['steps']

        def train(plan: Input[Plan], plans: Input[List[Plan]]) -> list:
            return [plan.steps(), *[each.steps() for each in plans]]
    """
    sent = artifact("acme.Plan", metadata={"steps": 4})

    assert values(body, inputs={"plan": port(sent), "plans": port(sent, sent)}) == {"Output": [4, 4, 4]}


def test_output_artifacts_are_reported_with_what_the_component_set(tmp_path: Path) -> None:
    body = """
        def train(model: Output[Model], metrics: Output[Metrics], notes: OutputPath('Markdown')):
            from pathlib import Path
            Path(model.path).write_text('m')
            model.framework = 'sklearn'
            metrics.log_metric('accuracy', 0.9)
            Path(notes).write_text('# hello')
    """
    places = {
        "model": port(artifact("system.Model", uri=f"{tmp_path}/new/model")),
        "metrics": port(artifact("system.Metrics", uri=f"{tmp_path}/new/metrics", name="")),
        "notes": port(artifact("system.Markdown", uri=f"{tmp_path}/other/notes")),
    }

    assert run(body, outputs=places) == {
        "artifacts": {
            "model": port({"name": "n", "uri": f"{tmp_path}/new/model", "metadata": {"framework": "sklearn"}}),
            "metrics": port({"name": "", "uri": f"{tmp_path}/new/metrics", "metadata": {"accuracy": 0.9}}),
            "notes": port({"name": "n", "uri": f"{tmp_path}/other/notes", "metadata": {}}),
        }
    }
    assert (tmp_path / "other/notes").read_text(encoding="utf-8") == "# hello"


def test_a_custom_path_is_reported_only_when_it_was_set(tmp_path: Path) -> None:
    places = {"model": port(artifact("system.Model", uri=f"{tmp_path}/model"))}
    result = run("def train(model: Output[Model]):\n    model.set_path('/scratch/m')", outputs=places)

    assert result["artifacts"]["model"]["artifacts"][0]["custom_path"] == "/scratch/m"


def test_a_returned_artifact_replaces_the_one_that_was_prepared(tmp_path: Path) -> None:
    body = """
        def train() -> Dataset:
            return Dataset(uri=dsl.get_uri('mine'), metadata={'rows': 3})
    """

    assert run(body, outputs={"Output": port(artifact(uri=f"{tmp_path}/o"))})["artifacts"] == {
        "Output": port({"name": "", "uri": "/root-of-task/mine", "metadata": {"rows": 3}})
    }


def test_a_returned_artifact_without_a_uri_keeps_the_prepared_place(tmp_path: Path) -> None:
    result = run(
        "def train() -> Dataset:\n    return Dataset(metadata={'rows': 3})",
        outputs={"Output": port(artifact(uri=f"{tmp_path}/o"))},
    )

    assert result["artifacts"]["Output"]["artifacts"][0]["uri"] == f"{tmp_path}/o"


def test_any_other_value_for_an_artifact_is_written_as_text(tmp_path: Path) -> None:
    run("def train() -> Dataset:\n    return [1, 2]", outputs={"Output": port(artifact(uri=f"{tmp_path}/d/o"))})

    assert (tmp_path / "d" / "o").read_text(encoding="utf-8") == "[1, 2]"


# -- returned values ---------------------------------------------------------------------------------------------------


def test_a_component_that_returns_nothing_reports_nothing() -> None:
    assert run("def train() -> int:\n    pass") == {}
    assert run("def train():\n    pass") == {}


def test_a_named_tuple_is_several_outputs(tmp_path: Path) -> None:
    body = """
        def train() -> NamedTuple('Outputs', [('rows', int), ('data', Dataset)]):
            return {value}
    """
    places = {"data": port(artifact(uri=f"{tmp_path}/data"))}

    for value in ("(3, 'text')", "__import__('collections').namedtuple('O', 'data rows')('text', 3)"):
        assert values(body.replace("{value}", value), outputs=places) == {"rows": 3}
        assert (tmp_path / "data").read_text(encoding="utf-8") == "text"


@pytest.mark.parametrize("value", ["(1,)", "5", "{'rows': 1}"])
def test_a_named_tuple_of_another_length_is_refused(value: str) -> None:
    body = f"def train() -> NamedTuple('O', [('rows', int), ('kind', str)]):\n    return {value}"

    with pytest.raises(ReturnedValueError, match=r"component 'train' declares 2 outputs \(rows, kind\) but returned"):
        run(body)


@pytest.mark.parametrize(
    ("declared", "value"),
    [("int", "1"), ("int", "True"), ("float", "1"), ("float", "1.5"), ("List[int]", "[1]"), ("Optional[str]", "'x'")],
)
def test_a_value_of_an_accepted_type_is_reported_unchanged(declared: str, value: str) -> None:
    assert repr(values(f"def train() -> {declared}:\n    return {value}")) == f"{{'Output': {value}}}"


@pytest.mark.parametrize(
    ("declared", "value", "came"),
    [
        ("int", "1.0", "float"),
        ("str", "3", "int"),
        ("bool", "0", "int"),
        ("dict", "[1]", "list"),
        ("List[int]", "(1,)", "tuple"),
    ],
)
def test_a_value_of_another_type_is_refused_with_both_types(declared: str, value: str, came: str) -> None:
    with pytest.raises(ReturnedValueError) as caught:
        run(f"def train() -> {declared}:\n    return {value}", component="fit-model")

    message = str(caught.value)
    assert message.startswith("output 'Output' of component 'fit-model' is declared ")
    assert declared in message
    assert message.endswith(f"the function returned {value} of type {came}.")


def test_a_returned_value_that_was_not_declared_is_refused() -> None:
    with pytest.raises(ReturnedValueError, match="returned a int, but declares no return type"):
        run("def train():\n    return 3")


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ("float('nan')", "output 'Output' of component 'train' is nan"),
        ("{'a': [1, float('inf')]}", r"output 'Output' of component 'train'\['a'\]\[1\] is inf"),
        ("{'a': {1, 2}}", r"output 'Output' of component 'train'\['a'\] is a set"),
    ],
)
def test_what_json_cannot_hold_is_refused_with_its_place(value: str, place: str) -> None:
    declared = "float" if value.startswith("float") else "dict"

    with pytest.raises(NotJsonError, match=place):
        run(f"def train() -> {declared}:\n    return {value}")


def test_metadata_becomes_json_or_names_the_place(tmp_path: Path) -> None:
    places = {"m": port(artifact("system.Metrics", uri=f"{tmp_path}/m"))}
    body = "def train(m: Output[Metrics]):\n    m.metadata.update({1: (2, None), 'n': %s})"

    number = "type('float32', (), {'item': lambda self: 0.5})()"
    assert run(body % number, outputs=places)["artifacts"]["m"]["artifacts"][0]["metadata"] == {
        "1": [2, None],
        "n": 0.5,
    }
    with pytest.raises(NotJsonError, match=r"metadata of output 'm' of component 'train'\['n'\] is inf"):
        run(body % "float('inf')", outputs=places)


# -- parameters written to files ---------------------------------------------------------------------------------------


def test_parameters_written_to_files_are_read_by_their_declared_type(tmp_path: Path) -> None:
    body = """
        def train(n: OutputPath(int), x: OutputPath(float), s: OutputPath(str), b: OutputPath(bool), l: OutputPath(list),
                  d: OutputPath(dict), unwritten: OutputPath(int)):
            from pathlib import Path
            for path, text in ((n, '3\\n'), (x, '3'), (s, ' a\\n'), (b, 'True'), (l, '[1, 2]'), (d, '{"k": 1}')):
                Path(path).write_text(text)
    """
    files = {name: tmp_path / "deep" / name for name in ("n", "x", "s", "b", "l", "d", "unwritten")}

    result = values(body, files=files)

    assert repr(result) == "{'n': 3, 'x': 3.0, 's': ' a\\n', 'b': True, 'l': [1, 2], 'd': {'k': 1}}"


def test_the_callers_types_count_for_files_that_no_annotation_names(tmp_path: Path) -> None:
    file = tmp_path / "n"
    file.write_text("3.0", encoding="utf-8")

    assert values("def train():\n    pass", files={"n": file}) == {}
    assert repr(values("def train():\n    pass", files={"n": file}, output_types={"n": "NUMBER_INTEGER"})) == "{'n': 3}"


def test_a_returned_value_wins_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "Output"
    file.write_text("1", encoding="utf-8")

    result = values(
        "def train() -> int:\n    return 2", files={"Output": file}, output_types={"Output": "NUMBER_INTEGER"}
    )
    assert result == {"Output": 2}


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ("NUMBER_INTEGER", "3.5"),
        ("NUMBER_INTEGER", ""),
        ("NUMBER_DOUBLE", "nan"),
        ("BOOLEAN", "yes"),
        ("LIST", '{"a": 1}'),
        ("STRUCT", "[1]"),
        ("STRUCT", '{"a": NaN}'),
        ("STRUCT", "[" * 100_000),
    ],
)
def test_a_file_that_holds_something_else_is_refused(tmp_path: Path, declared: str, text: str) -> None:
    file = tmp_path / "n"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ParameterFileError, match=f"output 'n' of component 'train' is declared {declared}, but"):
        run("def train():\n    pass", files={"n": file}, output_types={"n": declared})


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "n").write_bytes(b"\xff")

    with pytest.raises(ParameterFileError, match="not UTF-8"):
        run("def train():\n    pass", files={"n": tmp_path / "n"}, output_types={"n": "STRING"})


# -- the source --------------------------------------------------------------------------------------------------------


def test_an_error_of_the_user_passes_through_and_shows_its_line() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run("def train(a: int):\n    return 1 / a  # the line", parameters={"a": 0}, component="fit")

    shown = "".join(traceback.format_exception(caught.value))
    assert 'File "<component train>"' in shown
    assert "return 1 / a  # the line" in shown


def test_the_source_of_the_function_can_be_asked_for() -> None:
    body = "def train() -> str:\n    import inspect\n    return inspect.getsource(train).splitlines()[0]"

    assert values(body) == {"Output": "def train() -> str:"}


def test_the_source_may_be_written_to_a_folder_for_processes_that_import_it(tmp_path: Path) -> None:
    run("def helper():\n    pass\ndef train():\n    pass", source_folder=str(tmp_path))

    module = sys.modules["ephemeral_component"]
    assert module.__file__ == str(tmp_path / "ephemeral_component.py")
    assert sys.path[0] == str(tmp_path)
    assert inspect.getsource(module.helper) == "def helper():\n    pass\n"


def test_a_function_that_the_source_lacks_is_named() -> None:
    with pytest.raises(FunctionNotFoundError, match="component 'train' defines no function 'train'"):
        run("def other():\n    pass")


def test_a_syntax_error_shows_the_component_and_the_line() -> None:
    with pytest.raises(SyntaxError) as caught:
        run("def train(:\n    pass")

    assert (caught.value.filename, caught.value.text) == ("<component train>", "def train(:\n")


def test_an_embedded_asset_is_found_where_the_source_unpacked_it() -> None:
    body = "__KFP_EMBEDDED_ASSET_DIR = '/assets'\ndef train(config: EmbeddedInput[Dataset]) -> str:\n    return type(config).__name__ + config.path"

    # EmbeddedInput is no part of ``from kfp.dsl import *``.
    assert values(body.replace("EmbeddedInput", "dsl.EmbeddedInput")) == {"Output": "Dataset/assets"}
    with pytest.raises(MissingInputError, match="holds no asset"):
        run("def train(config: dsl.EmbeddedInput[Dataset]):\n    pass")


def test_only_the_chief_of_a_mirrored_training_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    for role, expected in (("worker", {}), ("chief", {"parameterValues": {"Output": 1}})):
        monkeypatch.setenv("CLUSTER_SPEC", f'{{"task": {{"type": "{role}", "index": 0}}}}')

        assert run("def train() -> int:\n    return 1") == expected
