from kfp import dsl


@dsl.component(base_image="python:3.11")
def say(text: str) -> str:
    return text


@dsl.component(base_image="python:3.11")
def make(rows: int, data: dsl.Output[dsl.Dataset]):
    data.metadata["rows"] = rows


@dsl.component(base_image="python:3.11")
def read(data: dsl.Input[dsl.Dataset]) -> int:
    return data.metadata["rows"]


@dsl.pipeline
def one_of_parameters(text: str = "a") -> str:
    with dsl.If(text == "a"):
        first = say(text="1")
    with dsl.Elif(text == "b"):
        second = say(text="2")
    with dsl.Else():
        third = say(text="3")
    chosen = dsl.OneOf(first.output, second.output, third.output)
    say(text=chosen)
    return chosen


@dsl.pipeline
def one_of_artifacts(text: str = "a") -> dsl.Dataset:
    with dsl.If(text == "a"):
        first = make(rows=1)
    with dsl.Else():
        second = make(rows=2)
    read(data=dsl.OneOf(first.outputs["data"], second.outputs["data"]))
    return dsl.OneOf(first.outputs["data"], second.outputs["data"])


@dsl.pipeline
def returned_only(text: str = "a") -> str:
    with dsl.If(text == "a"):
        first = say(text="1")
    with dsl.Else():
        second = say(text="2")
    return dsl.OneOf(first.output, second.output)


@dsl.pipeline
def used_inside_another(text: str = "a", n: int = 0):
    with dsl.If(text == "a"):
        first = say(text="1")
    with dsl.Else():
        second = say(text="2")
    chosen = dsl.OneOf(first.output, second.output)
    with dsl.If(n == 1):
        say(text=chosen)
