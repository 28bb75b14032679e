"""Work on what comes from outside, in a process of its own: time and memory are limited, and the loop goes on."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import sys
from typing import Final

from wherry.errors import InvalidArgumentError

_MEMORY: Final = 4 * 1024**3
_SECONDS: Final = 60
_AT_ONCE: Final = 2

_slots = asyncio.Semaphore(_AT_ONCE)


async def run_child(module: str, argument: str, content: bytes | bytearray, *, what: str) -> bytes:
    """What a module, run as a program with one argument, makes of a text on its standard input.

    Args:
        module: calls `limit` first.
        argument: passed as it is.
        content: the text.
        what: it is called in errors.

    Raises:
        InvalidArgumentError: it took more time or memory than is given to one.
    """
    async with _slots:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-m", module, argument),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            answer, _ = await asyncio.wait_for(child.communicate(bytes(content)), _SECONDS)
        except TimeoutError:
            raise InvalidArgumentError(f"{what} takes longer than {_SECONDS} s to read") from None
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
    if child.returncode != 0:
        raise InvalidArgumentError(f"{what} cannot be read within the memory that is given to one request")
    return answer


def limit() -> None:
    """Keep this process within what one request may use."""
    with contextlib.suppress(OSError, ValueError):  # a lower limit may hold already
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
