"""Calls below Kubeflow's prefix are calls."""

import asyncio
from typing import Any

import pytest

from wherry.server.path_prefix import PathPrefix


def passed_on(path: str) -> tuple[str, bytes]:
    """Path and raw path as they arrive behind the middleware."""
    seen: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        seen.append(scope)

    asyncio.run(PathPrefix(app)({"type": "http", "path": path, "raw_path": path.encode()}, None, None))  # type: ignore[arg-type]
    return seen[0]["path"], seen[0]["raw_path"]


def test_the_prefix_is_taken_off_a_call() -> None:
    assert passed_on("/pipeline/apis/v2beta1/runs") == ("/apis/v2beta1/runs", b"/apis/v2beta1/runs")


@pytest.mark.parametrize(
    "path", ["/", "/pipeline/", "/apis/v2beta1/pipelines", "/pipelines/apis/x", "/x/pipeline/apis/"]
)
def test_anything_else_is_left_as_it_is(path: str) -> None:
    assert passed_on(path) == (path, path.encode())
