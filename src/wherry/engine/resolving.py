"""Resolves tasks that are due and looks them up: each is reused, imported, or made ready to start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wherry.engine import attempts, driver, requests
from wherry.engine.cache import CacheLookup
from wherry.engine.contents import Contents
from wherry.engine.holdings import Holdings
from wherry.engine.live_task import LiveTask
from wherry.engine.owned_run import OwnedRun, input_failure
from wherry.engine.plan import ImporterWork
from wherry.engine.turn import Turn
from wherry.model.identity import Micros

MAX_RESOLVED: Final = 1000
"""Tasks that one turn resolves at most, over all runs: a wide loop does not hold up the others' results."""


class Resolving:
    """What is due in one turn.

    Args:
        holdings: of the engine.
        contents: what lies in the object store.
        cache: finds what stands in.
    """

    def __init__(self, *, holdings: Holdings, contents: Contents, cache: CacheLookup) -> None:
        self._holdings = holdings
        self._contents = contents
        self._cache = cache

    async def resolve(self, turn: Turn, now: Micros) -> bool:
        """Resolve what is due, and look it up, until nothing more is due: a chain of hits is one turn.

        Returns:
            Whether more is due than one turn resolves.
        """
        budget = MAX_RESOLVED
        while budget > 0:
            wanted: list[tuple[OwnedRun, LiveTask]] = self._cache.take_answerable()
            for run in list(self._holdings.touched.values()):
                with self._holdings.setting_aside(run):
                    while run.due and budget > 0:
                        budget -= 1
                        live = run.resolve(run.due.popleft(), now)
                        if live is not None:
                            wanted.append((run, live))
            if not wanted:
                return False
            await self._look_up(wanted, turn, now)
        return True

    async def _look_up(self, wanted: Sequence[tuple[OwnedRun, LiveTask]], turn: Turn, now: Micros) -> None:
        asking = [(run, live) for run, live in wanted if live.fingerprint is not None and run.may_reuse]
        hits = await self._cache.look_up(asking) if asking else {}
        importers: list[tuple[OwnedRun, LiveTask]] = []
        for run, live in wanted:
            if live.key not in run.live or not self._holdings.has(run):
                continue  # stopped, or crashed
            hit = hits.get(id(live))
            with self._holdings.setting_aside(run):
                if hit is not None:
                    attempts.reuse(run, live, hit.entry, hit.artifacts, now)
                elif self._cache.is_waiting(live):
                    continue
                elif isinstance(live.plan.work, ImporterWork):
                    importers.append((run, live))
                else:
                    if live.fingerprint is not None and not run.may_reuse:
                        live.note = "the run was started without reuse"
                    elif live.fingerprint is not None and not live.note:
                        turn.explain.append((run, live))
                    self._holdings.ready.add(run, live)
        await self._import(importers, now)

    async def _import(self, importers: Sequence[tuple[OwnedRun, LiveTask]], now: Micros) -> None:
        for run, live in importers:
            with self._holdings.setting_aside(run):
                try:
                    named = requests.imported_artifact(live.plan, live.inputs, run.facts(live.place))
                except driver.InputError as error:
                    run.end_live(live, input_failure(error), now)
                    continue
                contents = await self._contents.look_at([named.uri])
                attempts.import_artifact(run, live, named, contents[named.uri], now)
