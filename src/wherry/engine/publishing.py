"""Publishes what attempts made: checks and seals it, and records it in its run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wherry.engine import attempts, requests
from wherry.engine.cache import CacheLookup
from wherry.engine.contents import Contents
from wherry.engine.holdings import Holdings
from wherry.engine.live_task import LiveTask
from wherry.engine.owned_run import OwnedRun
from wherry.engine.publish import OutputError, Report, read_report
from wherry.engine.starting import Starting
from wherry.engine.turn import Turn
from wherry.model.identity import Micros
from wherry.ports import AttemptSucceeded, StoredContent

Success = tuple[OwnedRun, LiveTask, AttemptSucceeded]


class Publishing:
    """The successes of one turn, together.

    Args:
        holdings: of the engine.
        contents: seals what was made.
        cache: is told whose digests will come.
        starting: is told of tasks that have another attempt.
    """

    def __init__(self, *, holdings: Holdings, contents: Contents, cache: CacheLookup, starting: Starting) -> None:
        self._holdings = holdings
        self._contents = contents
        self._cache = cache
        self._starting = starting

    async def publish(self, succeeded: Sequence[Success], turn: Turn, now: Micros) -> None:
        """Check and seal what attempts made, and record it."""
        reports = [_report(*one) for one in succeeded]
        uris = [one.uri for report in reports if isinstance(report, Report) for one in report.artifacts]
        contents = await self._contents.seal(uris)
        for (run, live, ended), report in zip(succeeded, reports, strict=True):
            if self._holdings.has(run):
                with self._holdings.setting_aside(run):
                    self._record(run, live, ended, report, contents, turn, now)

    def _record(
        self,
        run: OwnedRun,
        live: LiveTask,
        ended: AttemptSucceeded,
        report: Report | OutputError,
        contents: Mapping[str, StoredContent | str | None],
        turn: Turn,
        now: Micros,
    ) -> None:
        if isinstance(report, OutputError):
            attempts.bad_output(run, live, ended, report, now)
            self._starting.after_failure(run, live)
            return
        unsealed = [found for one in report.artifacts if isinstance(found := contents.get(one.uri), str)]
        if unsealed:
            attempts.unpublished(run, live, ended, unsealed[0], now)
            self._starting.after_failure(run, live)
            return
        sealed = {uri: found for uri, found in contents.items() if not isinstance(found, str)}
        made = attempts.succeed(run, live, ended, report, sealed, now)
        there = [one for one in made if one.size is not None]
        self._cache.digest_later(there)
        turn.hash += there


def _report(run: OwnedRun, live: LiveTask, ended: AttemptSucceeded) -> Report | OutputError:
    planned = requests.planned_artifacts(live.plan, run.uris(live, ended.attempt_id))
    try:
        return read_report(live.plan, ended.executor_output, planned)
    except OutputError as error:
        return error
