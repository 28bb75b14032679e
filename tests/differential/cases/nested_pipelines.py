from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component(base_image="python:3.11")
def make(rows: int, data: dsl.Output[dsl.Dataset]):
    data.metadata["rows"] = rows


@dsl.component(base_image="python:3.11")
def read(data: dsl.Input[dsl.Dataset]) -> int:
    return data.metadata["rows"]


@dsl.pipeline
def inner(text: str, n: int = 1) -> str:
    with dsl.If(n == 1):
        say(text="one")
    return say(text=text).output


@dsl.pipeline
def with_data(rows: int, data: dsl.Input[dsl.Dataset]) -> dsl.Dataset:
    read(data=data)
    return make(rows=rows).outputs["data"]


@dsl.pipeline
def middle(text: str) -> str:
    add(a=1)
    return inner(text=text).set_display_name("The inner one").output


@dsl.pipeline
def nested_pipelines(text: str = "a") -> str:
    made = make(rows=1)
    nested = with_data(rows=2, data=made.outputs["data"]).set_retry(2).set_caching_options(False)
    read(data=nested.output)
    with dsl.ParallelFor(["a", "b"]) as item:
        inner(text=item)
    return middle(text=text).output
