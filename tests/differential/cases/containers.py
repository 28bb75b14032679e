# ruff: noqa: UP006, UP035  written as authors write it
from typing import List

from kfp import dsl


@dsl.component(base_image="python:3.11")
def make(rows: int, data: dsl.Output[dsl.Dataset]):
    data.metadata["rows"] = rows


@dsl.container_component
def plain():
    return dsl.ContainerSpec(image="alpine", command=["echo", "hello"])


@dsl.container_component
def everything(
    text: str,
    n: int,
    data: dsl.Input[dsl.Dataset],
    many: dsl.Input[List[dsl.Dataset]],
    model: dsl.Output[dsl.Model],
    path: dsl.OutputPath(str),
    optional: str = "default",
):
    return dsl.ContainerSpec(
        image="alpine:3",
        command=["sh", "-c", f"run {text} {data.path}"],
        args=[
            text,
            n,
            "--in",
            data.uri,
            data.path,
            data.metadata,
            data.metadata["rows"],
            "--many",
            many,
            "--out",
            model.uri,
            model.path,
            model.metadata["x"],
            path,
            dsl.ConcatPlaceholder(["prefix-", text, "-", data.uri]),
            dsl.IfPresentPlaceholder(input_name="optional", then=["--optional", optional], else_=["--none"]),
            dsl.IfPresentPlaceholder(input_name="optional", then=optional),
            dsl.ConcatPlaceholder(
                [
                    "a",
                    dsl.IfPresentPlaceholder(
                        input_name="optional", then=dsl.ConcatPlaceholder(["b", optional]), else_="c"
                    ),
                ]
            ),
            dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER,
        ],
    )


@dsl.container_component
def annotated(text: str, size: int = 3) -> dsl.ContainerSpec:
    """Runs a container.

    Args:
        text: A text.
    """
    return dsl.ContainerSpec(image="alpine", args=[text, size])


@dsl.pipeline
def containers(many: dsl.Input[List[dsl.Dataset]]):
    made = make(rows=1)
    plain()
    everything(text="a", n=1, data=made.outputs["data"], many=many).set_cpu_limit("1").set_env_variable("A", "b")
    annotated(text="x")
