"""What type checkers see of the authoring surface. Checked by mypy, never run."""

from collections.abc import Mapping
from typing import Any, assert_type

from wherry import dsl
from wherry.compiler import Compiler, compile_package
from wherry.dsl.components import ContainerComponent, GraphComponent, PythonComponent
from wherry.ir.spec import PipelinePackage


@dsl.component
def bare(a: int, b: str = "x") -> float:
    return a * len(b)


@dsl.component(base_image="python:3.11", packages_to_install=["pandas"])
def configured(a: int, data: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model]) -> None:
    model.metadata["rows"] = a
    assert_type(data, dsl.Dataset)
    assert_type(model, dsl.Model)


@dsl.container_component
def contained(text: str) -> dsl.ContainerSpec:
    return dsl.ContainerSpec(image="alpine", command=["echo"], args=[text])


@dsl.pipeline
def inner(n: int) -> float:
    assert_type(n, int)
    return bare(a=n).output  # type: ignore[no-any-return]  # an output is a stand-in for the value


@dsl.pipeline(name="outer")
def outer(n: int = 1) -> None:
    task = bare(a=n)
    assert_type(task, dsl.PipelineTask)
    assert_type(task.set_retry(2).set_cpu_limit("1").after(task), dsl.PipelineTask)
    assert_type(task.outputs, Mapping[str, Any])
    with dsl.If(n == 1), dsl.ParallelFor([1, 2], parallelism=1) as item:
        inner(n=item)
    with dsl.ExitHandler(contained(text="bye")):
        configured(a=n, data=dsl.importer("gs://a", dsl.Dataset).output)


# A component keeps the signature of its function.
assert_type(bare.execute(1, b="y"), float)
assert_type(bare.python_func(1), float)
bare.execute("1")  # type: ignore[arg-type]  # an int is wanted
bare.execute(1, c=2)  # type: ignore[call-arg]  # there is no c
assert_type(inner.pipeline_func(1), float)
assert_type(contained, ContainerComponent)

is_component: PythonComponent[[int, str], float]
is_pipeline: GraphComponent[[int], float] = inner

dsl.component(base_image=1)  # type: ignore[call-overload]  # an image is a text
dsl.pipeline(title="x")  # type: ignore[call-overload]  # there is no title

assert_type(compile_package(outer), PipelinePackage)
Compiler().compile(outer, "outer.yaml")
