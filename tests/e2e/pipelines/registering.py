"""A table, a model made from it, and a name for the model."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def make(table: dsl.Output[dsl.Dataset]):
    with open(table.path, "w") as file:
        file.write("island,mass\nBiscoe,4000\n")


@dsl.component(base_image="python:3.11")
def train(table: dsl.Input[dsl.Dataset], model: dsl.Output[dsl.Model]):
    with open(table.path) as source, open(model.path, "w") as target:
        target.write(source.read().upper())
    model.metadata["wherry.model_name"] = "penguins"


@dsl.pipeline(name="registering")
def registering():
    train(table=make().outputs["table"])
