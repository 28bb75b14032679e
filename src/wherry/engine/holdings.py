"""What an engine holds in memory: its runs, their attempts in flight, and the tasks that wait. The rows say it all too."""

from __future__ import annotations

from collections.abc import Callable

from wherry.engine.live_task import LiveTask
from wherry.engine.owned_run import OwnedRun
from wherry.engine.ready import ReadyTasks
from wherry.model.identity import AttemptId, RunId


class Holdings:
    """Everything that can be thrown away, and is built again from the rows.

    Args:
        on_crash: told of a run whose handling raised. The run has been forgotten by then.
        on_forget: told of each run that is dropped.
    """

    def __init__(self, *, on_crash: Callable[[RunId, Exception], None], on_forget: Callable[[OwnedRun], None]) -> None:
        self._on_crash = on_crash
        self._on_forget = on_forget
        self.runs: dict[RunId, OwnedRun] = {}
        self.touched: dict[RunId, OwnedRun] = {}
        """Runs that this turn changes: a turn costs nothing for the others."""
        self.attempts: dict[AttemptId, tuple[OwnedRun, LiveTask]] = {}
        self.ready = ReadyTasks()

    def has(self, run: OwnedRun) -> bool:
        """Whether a run is still held: it may have crashed, or been taken by another owner, in this very turn."""
        return self.runs.get(run.id) is run

    def setting_aside(self, run: OwnedRun) -> SettingAside:
        """Whatever goes wrong in a ``with`` of it is that run's crash, and nobody else's. The turn changes the run."""
        self.touched[run.id] = run
        return SettingAside(self.crashed, run)

    def crashed(self, run: OwnedRun, error: Exception) -> None:
        """Drop a run whose handling raised."""
        self.forget(run)
        self._on_crash(run.id, error)

    def forget(self, run: OwnedRun) -> None:
        """Drop what is in memory of a run."""
        if not self.has(run):
            return
        del self.runs[run.id]
        self.touched.pop(run.id, None)
        self.ready.forget(run)
        for live in run.live.values():
            if live.attempt is not None:
                self.attempts.pop(live.attempt.id, None)
        self._on_forget(run)


class SettingAside:
    """One of the named edges that catch everything: a run that crashes the engine is set aside, others go on."""

    __slots__ = ("_crashed", "_run")

    def __init__(self, crashed: Callable[[OwnedRun, Exception], None], run: OwnedRun) -> None:
        self._crashed = crashed
        self._run = run

    def __enter__(self) -> None:
        """Nothing is needed."""

    def __exit__(self, kind: object, error: BaseException | None, where: object) -> bool:
        """Swallow errors, and nothing that ends the process."""
        if not isinstance(error, Exception):
            return False
        self._crashed(self._run, error)
        return True
