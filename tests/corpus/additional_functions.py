"""Helpers travel with a component: additional functions, and names of the standard library and of kfp in its source."""

from kfp import dsl


def shout(text: str) -> str:
    return text.upper() + "!"


def twice(text: str) -> str:
    return shout(text) * 2


@dsl.component(base_image="python:3.11", additional_funcs=[shout, twice])
def greet(name: str) -> str:
    return twice(f"hello {name}")


@dsl.component(base_image="python:3.11")
def names() -> list:
    import importlib.util

    import kfp
    from kfp.dsl.types.artifact_types import Model

    found = [kfp.__version__, Model.schema_title, Dict.__name__, Dataset.schema_title]  # noqa: F821
    try:
        from kfp import compiler
    except ImportError as error:
        found.append("packages_to_install" in str(error))
    return [*found, importlib.util.find_spec("yaml") is None]


@dsl.pipeline(name="additional-functions")
def pipeline(name: str = "you"):
    greet(name=name)
    names()


EXPECTED = {
    "tasks": {"greet": "SUCCEEDED", "names": "SUCCEEDED"},
    "parameters": {
        "greet.Output": "HELLO YOU!HELLO YOU!",
        "names.Output": ["2.17.0", "system.Model", "Dict", "system.Dataset", True, True],
    },
}
