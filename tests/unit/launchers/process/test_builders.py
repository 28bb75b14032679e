from __future__ import annotations

import asyncio
import threading

import pytest

from wherry.launchers.process.builders import Builders


def test_a_call_gives_its_result_and_what_it_raises() -> None:
    async def body() -> int:
        builders = Builders(1)
        with pytest.raises(ZeroDivisionError):
            await builders.run(lambda: 1 // 0)
        return await builders.run(lambda: 7)

    assert asyncio.run(body()) == 7


def test_no_more_calls_run_at_once_than_allowed() -> None:
    running, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2)

    def call() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait(10)
        with lock:
            running -= 1

    async def body() -> None:
        builders = Builders(2)
        await asyncio.gather(*(builders.run(call) for _ in range(6)))

    asyncio.run(body())
    assert most == 2


def test_a_call_that_outlives_the_loop_disturbs_nobody() -> None:
    go, done = threading.Event(), threading.Event()

    def call() -> None:
        go.wait(10)
        done.set()

    async def body() -> None:
        Builders(1).run(call)

    asyncio.run(body())
    go.set()
    assert done.wait(10)
