"""Pipelines written against kfp, and kfp's client on a server, for the tests of the real clients."""

import warnings
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import kfp
    from kfp import compiler, dsl


@dsl.component(base_image="python:3.11")
def add(a: int, b: int = 2) -> int:
    print("adding", a, b)
    return a + b


@dsl.component(base_image="python:3.11")
def wait_long() -> int:
    import time

    time.sleep(600)
    return 1


@dsl.component(base_image="python:3.11")
def fail(why: str) -> int:
    raise ValueError(why)


@dsl.component(base_image="python:3.11")
def write(data: dsl.Output[dsl.Dataset]):
    data.metadata["rows"] = 1


@dsl.pipeline(name="adding")
def adding(a: int = 1) -> int:
    first = add(a=a)
    return add(a=first.output).output


@dsl.pipeline(name="waiting")
def waiting():
    wait_long()


@dsl.pipeline(name="failing")
def failing():
    fail(why="out of luck")


@dsl.pipeline(name="writing", pipeline_config=dsl.PipelineConfig(ttl_seconds_after_finished=60))
def writing():
    write()


def package_of(pipeline: Any, folder: Path) -> str:
    """Path of the pipeline, compiled by kfp."""
    path = folder / f"{pipeline.name}.yaml"
    compiler.Compiler().compile(pipeline, str(path))
    return str(path)


def kfp_client(url: str, **options: Any) -> Any:
    """kfp's client on a server."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return kfp.Client(host=url, **options)


def quiet() -> list[pytest.MarkDecorator]:
    """Marks that let kfp warn about itself."""
    return [
        pytest.mark.filterwarnings(f"ignore::{name}") for name in ("FutureWarning", "DeprecationWarning", "UserWarning")
    ]
