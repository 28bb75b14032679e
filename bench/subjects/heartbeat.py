"""`wherry up` with a heart that beats in its loop: what the loop was late by, and what it computed meanwhile.

``python bench/subjects/heartbeat.py FILE up --port 0 …`` writes a JSON list of ``[moment, late, computed]`` to FILE when
it ends, in seconds; moments are those of time.monotonic, which all processes of a machine share. Only beats that were
late are in it. Time in which the loop's thread could have run and had no processor does not count.
"""
# ruff: noqa: ASYNC230, ASYNC240  a file of /proc, and one at the very end

import asyncio
import json
import sys
import time
from pathlib import Path

from wherry.cli import hosting, main

EVERY = 0.002  # seconds
LATE = 0.005
SCHEDSTAT = Path("/proc/thread-self/schedstat")


async def beat(late):
    with SCHEDSTAT.open("rb", buffering=0) as schedstat:

        def without_processor():
            schedstat.seek(0)
            return int(schedstat.read().split()[1]) / 1e9

        while True:
            began, computed, waited = time.monotonic(), time.thread_time(), without_processor()
            await asyncio.sleep(EVERY)
            lag = time.monotonic() - began - EVERY - (without_processor() - waited)
            if lag > LATE:
                late.append([began, lag, time.thread_time() - computed])


def with_heartbeat(serving, path):
    async def run(*arguments, **options):
        late = []
        beating = asyncio.create_task(beat(late))
        try:
            return await serving(*arguments, **options)
        finally:
            beating.cancel()
            Path(path).write_text(json.dumps(late))

    return run


if __name__ == "__main__":
    file = sys.argv.pop(1)
    hosting.serve = with_heartbeat(hosting.serve, file)
    sys.exit(main.main())
