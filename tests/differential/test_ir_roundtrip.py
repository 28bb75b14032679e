"""What kfp compiles is read here as protobuf reads it, and comes back from here unchanged."""

# ruff: noqa: ARG001  components are written for their signatures

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
import yaml
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kfp import compiler, dsl
    from kfp.pipeline_spec import pipeline_spec_pb2 as pb

from wherry.ir import executor_io, spec
from wherry.ir.digest import digest_package
from wherry.ir.validate import validate
from wherry.ir.yaml import parse_package, write_package

CASES = sorted((Path(__file__).parent / "cases").glob("*.py"))
# kfp itself warns at every step: of base images, of its own deprecations.
pytestmark = pytest.mark.filterwarnings("ignore")


def pipelines() -> dict[str, Any]:
    """Pipelines that use every part of the IR which kfp 2.17 writes."""

    @dsl.component(base_image="python:3.11")
    def load(
        rows: int,
        rate: float = 0.5,
        name: str = "1e3",
        month: str = "08",
        tags: list = [1, 2.5, "x"],  # noqa: B006  a default as users write it
        conf: dict = {"a": 1, "b": [True, 7]},  # noqa: B006  the same
        flag: bool = False,  # noqa: FBT001, FBT002  the same
    ) -> NamedTuple("Loaded", [("n", int), ("s", str)]):
        """Ümlaut: and a colon.

        Several lines, "quotes" and 'more'.
        """
        return (rows, name)

    @dsl.component(base_image="python:3.11")
    def make(out: dsl.Output[dsl.Dataset], text: str = "yes") -> str:
        return text

    @dsl.component(base_image="python:3.11")
    def use(data: dsl.Input[dsl.Dataset], n: int = 3) -> int:
        return n

    @dsl.component(base_image="python:3.11")
    def gather(data: dsl.Input[list[dsl.Dataset]], n: list[int]) -> int:
        return len(n)

    @dsl.component(base_image="python:3.11")
    def report(status: dsl.PipelineTaskFinalStatus, note: str = "~"):
        print(status, note)

    @dsl.container_component
    def convert(x: str, data: dsl.Input[dsl.Dataset], out: dsl.Output[dsl.Model], opt: str = "a"):
        return dsl.ContainerSpec(
            image="alpine",
            command=["sh", "-c", f"echo {x}"],
            args=[
                data.path,
                out.uri,
                dsl.ConcatPlaceholder(["a", x]),
                dsl.IfPresentPlaceholder("opt", then=["--opt", opt], else_=["no"]),
                data.metadata["k"],
                "{{$}}",
            ],
        )

    @dsl.pipeline(name="linear")
    def linear(rows: int = 10, title: str = "2024-01-01", cpu: str = "1"):
        loaded = load(rows=rows).set_cpu_limit("2").set_memory_limit("4G").set_retry(3).set_caching_options(False)
        made = make(text=f"012-{title}").set_env_variable("A", "b").after(loaded)
        use(data=made.outputs["out"], n=loaded.outputs["n"]).set_display_name("Using it").set_cpu_limit(cpu)

    @dsl.pipeline(name="inner")
    def inner(x: str) -> int:
        return use(data=make(text=x).outputs["out"]).output

    @dsl.pipeline(
        name="control",
        description="Has all of it",
        pipeline_config=dsl.PipelineConfig(ttl_seconds_after_finished=60, workspace=dsl.WorkspaceConfig(size="1Gi")),
    )
    def control(items: list[dict[str, int]] = [{"a": 1}], x: str = "x") -> str:  # noqa: B006  a default as users write it
        with dsl.ExitHandler(report(note="done")):
            loaded = load(rows=1)
            with dsl.If(loaded.outputs["n"] > 3):
                make(text="then")
            with dsl.Elif(loaded.outputs["s"] == "x"):
                make(text="elif")
            with dsl.Else():
                make(text="else")
        with dsl.ParallelFor(items, parallelism=2) as item:
            load(rows=item.a)
        with dsl.ParallelFor([{"q": "1", "r": "z"}, {"q": "2", "r": "y"}]) as item:
            made = make(text=item.r)
            used = use(data=made.outputs["out"])
        gather(data=dsl.Collected(made.outputs["out"]), n=dsl.Collected(used.output))
        imported = dsl.importer(artifact_uri="gs://x/y", artifact_class=dsl.Dataset, metadata={"k": 1})
        convert(x="c", data=imported.output)
        nested = inner(x=x)
        with dsl.If(nested.output == 1):
            one = make()
        with dsl.Else():
            other = make()
        return dsl.OneOf(one.outputs["Output"], other.outputs["Output"])

    return {"linear": linear, "control": control, "component": use, "many": load}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("compiled")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, pipeline in pipelines().items():
            compiler.Compiler().compile(pipeline, str(folder / f"{name}.yaml"))
    return {file.stem: file.read_text() for file in folder.iterdir()}


def messages(text: str) -> list[Any]:
    """The documents as protobuf reads them, the pipeline first."""
    documents = sorted((one for one in yaml.safe_load_all(text) if one), key=lambda one: "root" not in one)
    kinds = [pb.PipelineSpec, pb.PlatformSpec]
    return [json_format.ParseDict(one, kind()) for one, kind in zip(documents, kinds, strict=False)]


NAMES = ["linear", "control", "component", "many"]


@pytest.mark.parametrize("name", NAMES)
def test_a_compiled_pipeline_comes_back_as_the_same_messages(compiled: dict[str, str], name: str) -> None:
    written = write_package(parse_package(compiled[name]))

    assert messages(written) == messages(compiled[name])


@pytest.mark.parametrize("name", NAMES)
def test_a_compiled_pipeline_is_read_again_as_the_same_value(compiled: dict[str, str], name: str) -> None:
    package = parse_package(compiled[name])
    again = parse_package(write_package(package))

    assert (again, digest_package(again)) == (package, digest_package(package))


@pytest.mark.parametrize("name", NAMES)
def test_a_compiled_pipeline_keeps_the_rules(compiled: dict[str, str], name: str) -> None:
    assert validate(parse_package(compiled[name])) == ()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_read_is_what_protobuf_reads(compiled: dict[str, str], name: str) -> None:
    package = parse_package(compiled[name])
    ours = [package.spec] + ([package.platform] if package.platform else [])
    kinds = [pb.PipelineSpec, pb.PlatformSpec]
    read = [json_format.ParseDict(msgspec.to_builtins(one), kind()) for one, kind in zip(ours, kinds, strict=False)]

    assert read == messages(compiled[name])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_compiled_by_kfp_keeps_the_rules_and_comes_back_as_the_same_messages(
    case: Path, both: Callable[[Path], Any], tmp_path: Path
) -> None:
    both(case).compile("kfp")
    texts = {file.stem: file.read_text() for file in tmp_path.glob("*.yaml")}
    packages = {name: parse_package(text, source=name) for name, text in texts.items()}

    assert packages
    assert {name: validate(package) for name, package in packages.items()} == dict.fromkeys(packages, ())
    assert {name: messages(write_package(package)) for name, package in packages.items()} == {
        name: messages(text) for name, text in texts.items()
    }


DEPRECATED = {
    "type", "properties", "customProperties", "schemaUri", "constantValue", "resolver", "customJob",
    "parameters",
}  # fmt: skip
MESSAGES: dict[type[msgspec.Struct], Descriptor] = {
    spec.PipelineSpec: pb.PipelineSpec.DESCRIPTOR,
    spec.PlatformSpec: pb.PlatformSpec.DESCRIPTOR,
    spec.DeploymentSpec: pb.PipelineDeploymentConfig.DESCRIPTOR,
    executor_io.ExecutorInput: pb.ExecutorInput.DESCRIPTOR,
    executor_io.ExecutorOutput: pb.ExecutorOutput.DESCRIPTOR,
}


def differences(struct: type[msgspec.Struct], message: Descriptor, seen: set[type]) -> list[str]:
    """Fields by which a struct and everything under it differ from the message of KFP."""
    if struct in seen:
        return []
    seen.add(struct)
    ours = {field.encode_name: field.type for field in msgspec.inspect.type_info(struct).fields}  # type: ignore[attr-defined]
    ours = {"customPath" if name == "custom_path" else name: kind for name, kind in ours.items()}
    theirs = {field.json_name: field for field in message.fields}
    found = [f"{message.name}.{name} is not in KFP" for name in ours.keys() - theirs.keys()]
    found += [f"{message.name}.{name} is missing" for name in theirs.keys() - ours.keys() - DEPRECATED]
    for name in ours.keys() & theirs.keys():
        inner, target = struct_in(ours[name]), message_in(theirs[name])
        if inner is not None and target is not None and target.file.package == message.file.package:
            found += differences(inner, target, seen)
    return found


def struct_in(kind: Any) -> type[msgspec.Struct] | None:
    match kind:
        case msgspec.inspect.StructType():
            return kind.cls
        case msgspec.inspect.UnionType():
            return next((found for one in kind.types if (found := struct_in(one))), None)
        case msgspec.inspect.DictType():
            return struct_in(kind.value_type)
        case msgspec.inspect.VarTupleType():
            return struct_in(kind.item_type)
        case _:
            return None


def message_in(field: FieldDescriptor) -> Descriptor | None:
    inner = field.message_type
    if inner is not None and inner.GetOptions().map_entry:
        return inner.fields_by_name["value"].message_type  # type: ignore[no-any-return]
    return inner  # type: ignore[no-any-return]


@pytest.mark.parametrize("struct", list(MESSAGES), ids=lambda struct: struct.__name__)
def test_structs_have_the_fields_of_kfps_messages(struct: type[msgspec.Struct]) -> None:
    assert differences(struct, MESSAGES[struct], set()) == []
