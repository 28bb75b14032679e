"""Fails until somebody makes a file: what a retry is for."""

from wherry import dsl


@dsl.component(base_image="python:3.11")
def before() -> int:
    return 1


@dsl.component(base_image="python:3.11")
def depends(value: int, switch: str) -> int:
    import os

    if not os.path.exists(switch):
        raise FileNotFoundError(f"{switch} is not there yet")
    return value + 1


@dsl.component(base_image="python:3.11")
def after(value: int) -> int:
    return value + 1


@dsl.pipeline(name="fixable")
def fixable(switch: str) -> int:
    return after(value=depends(value=before().output, switch=switch).output).output
