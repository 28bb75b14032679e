"""PipelineTaskFinalStatus: how the tasks before an exit task ended."""

from __future__ import annotations

import dataclasses
from typing import Any

#: KFP documents one word for a state and its backend sends another; exit handlers were written against either.
_OTHER_WORD = {
    "SUCCEEDED": "COMPLETE",
    "COMPLETE": "SUCCEEDED",
    "CANCELLED": "CANCELED",
    "CANCELED": "CANCELLED",
}


class FinalState(str):
    """SUCCEEDED, FAILED or CANCELLED; equal also to the word that KFP's backend sends for the same state.

    Equal to two texts and hashed as one of them: compare it, and turn it into ``str`` to use it as a key.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True or (isinstance(other, str) and _OTHER_WORD.get(str(self)) == str(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return str.__hash__(self)


@dataclasses.dataclass
class PipelineTaskFinalStatus:
    """How the task or exit handler scope ended that the declaring task waited for.

    KFP's message of the same name. A component declares a parameter of this type; no author passes a value.
    """

    state: str
    """SUCCEEDED, FAILED or CANCELLED. In a running task it is a `FinalState`."""

    pipeline_job_resource_name: str
    """Name of the run in the engine; here the run's id."""

    pipeline_task_name: str
    """Name of the task that ended."""

    error_code: int | None
    """A google.rpc.Code where it failed, else None."""

    error_message: str | None
    """Why it failed, else None."""

    @classmethod
    def from_wire(cls, value: dict[str, Any]) -> PipelineTaskFinalStatus:
        """Read the struct that the driver sends as the parameter's value; keys in camelCase or snake_case."""
        error = value.get("error") or {}
        code = error.get("code")
        return cls(
            state=FinalState(value.get("state", "")),
            pipeline_job_resource_name=_either(value, "pipelineJobResourceName", "pipeline_job_resource_name"),
            pipeline_task_name=_either(value, "pipelineTaskName", "pipeline_task_name"),
            error_code=None if code is None else int(code),
            error_message=error.get("message"),
        )


def _either(value: dict[str, Any], camel: str, snake: str) -> Any:
    found = value.get(camel)
    return value.get(snake) if found is None else found
