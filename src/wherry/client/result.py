"""What submitting a pipeline gives back."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from wherry.api.runs import Run


class _WaitsForRuns(Protocol):
    def wait_for_run_completion(self, run_id: str, timeout: float | dt.timedelta, sleep_duration: float = 5) -> Run: ...


class RunPipelineResult:
    """A run that was started. The surface of kfp's class of that name."""

    def __init__(self, client: _WaitsForRuns, run_info: Run) -> None:
        self._client = client
        self.run_info = run_info
        """The run as it was recorded."""
        self.run_id = run_info.run_id

    def wait_for_run_completion(self, timeout: float | dt.timedelta | None = None) -> Run:
        """The run, once it has ended.

        Args:
            timeout: seconds; default: as long as it takes.

        Raises:
            TimeoutError: it has not ended by then.
        """
        return self._client.wait_for_run_completion(self.run_id, timeout or dt.timedelta.max)

    def __repr__(self) -> str:
        return f"RunPipelineResult(run_id={self.run_id})"
