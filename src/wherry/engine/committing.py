"""Writes a turn: the changes of all runs in one transaction, or of each alone if one is refused."""

from __future__ import annotations

import logging

from wherry.engine.changes import with_versions
from wherry.engine.holdings import Holdings
from wherry.engine.owned_run import OwnedRun
from wherry.engine.patience import patiently
from wherry.errors import StaleOwnerError, WherryBugError
from wherry.model.runs import RunChanges
from wherry.ports import RunStore

log = logging.getLogger(__name__)


class Committing:
    """What this turn changed about the runs it touched.

    Args:
        store: where runs are recorded.
        holdings: of the engine.
    """

    def __init__(self, *, store: RunStore, holdings: Holdings) -> None:
        self._store = store
        self._holdings = holdings

    async def commit(self) -> list[RunChanges]:
        """Write it. A run whose changes are refused is forgotten; the others' are written.

        Returns:
            What was written, with the versions of models that this registered.
        """
        touched = self._holdings.touched.values()
        taken = [(run, change) for run in touched if (change := run.changes.take()) is not None]
        if not taken:
            return []
        try:
            return await self._write([change for _, change in taken])
        except (StaleOwnerError, WherryBugError) as error:
            if len(taken) == 1:
                self._refused(taken[0][0], error)
                return []
        written: list[RunChanges] = []
        for run, change in taken:
            try:
                written += await self._write([change])
            except (StaleOwnerError, WherryBugError) as error:
                self._refused(run, error)
        return written

    async def _write(self, changes: list[RunChanges]) -> list[RunChanges]:
        versions = await patiently(lambda: self._store.commit(changes))
        return [with_versions(change, versions) for change in changes] if versions else changes

    def _refused(self, run: OwnedRun, error: StaleOwnerError | WherryBugError) -> None:
        if isinstance(error, StaleOwnerError):
            log.warning("engine.run.taken", extra={"run_id": run.id, "error": str(error)})
            self._holdings.forget(run)
        else:
            self._holdings.crashed(run, error)
