"""Every error that wherry raises on purpose.

A message names the object in the author's words, says what is and what was expected; the hint says what to do.
A user task that fails is no exception here: it is a `wherry.model.outcomes.TaskOutcome`.
"""

from __future__ import annotations

from typing import ClassVar


class WherryError(Exception):
    """Base of them all.

    ``code`` is a google.rpc.Code name, as the KFP API reports it; ``hint`` is for a person.
    """

    code: ClassVar[str] = "INTERNAL"
    retryable: ClassVar[bool] = False

    details: tuple[str, ...] = ()
    """What a server said beside the message, if the error came from one."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def message(self) -> str:
        """The message without the hint."""
        return str(self.args[0])

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


# The authoring errors live with the DSL, which must not import msgspec and may import this module: it is
# standard library only, and stays so.
class AuthoringError(WherryError):
    """The pipeline's Python code is at fault; raised while tracing or compiling."""

    code = "INVALID_ARGUMENT"


class ComponentSignatureError(AuthoringError, TypeError, ValueError):
    """A component's parameters or annotations cannot be used. Also a TypeError and a ValueError, as in kfp."""


class IncompatibleTypeError(AuthoringError, TypeError):
    """An input is connected to a value of another type. kfp calls it InconsistentTypeException."""


class PipelineTopologyError(AuthoringError, ValueError):
    """Tasks, groups or outputs are wired in a way a pipeline cannot have.

    kfp calls these InvalidTopologyException and InvalidControlFlowException.
    """


class SpecError(WherryError):
    """The IR, or a value that travels with it, breaks a rule. The message holds the path of the place."""

    code = "INVALID_ARGUMENT"

    def __init__(self, message: str, *, path: str = "", hint: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message, hint=hint)
        self.path = path


class RequestError(WherryError):
    """What was asked cannot be done as asked. Maps to an HTTP status."""

    code = "INVALID_ARGUMENT"


class InvalidArgumentError(RequestError):
    """An argument is wrong in itself. HTTP 400."""


class NotFoundError(RequestError):
    """No such object. HTTP 404."""

    code = "NOT_FOUND"


class AlreadyExistsError(RequestError):
    """The name is taken. HTTP 409."""

    code = "ALREADY_EXISTS"


class FailedPreconditionError(RequestError):
    """The object's state does not allow it. HTTP 400."""

    code = "FAILED_PRECONDITION"


class UnauthenticatedError(RequestError):
    """Nobody knows who calls. HTTP 401."""

    code = "UNAUTHENTICATED"


class PermissionDeniedError(RequestError):
    """The caller may not do this. HTTP 403."""

    code = "PERMISSION_DENIED"


class TooLargeError(RequestError):
    """The request is larger than the server takes. HTTP 413."""

    code = "OUT_OF_RANGE"


class NotBuiltError(RequestError):
    """This version of wherry has no such feature. HTTP 501."""

    code = "UNIMPLEMENTED"


class DefaultExperimentError(FailedPreconditionError):
    """The default experiment was to be deleted. HTTP 409, as in KFP."""

    code = "ABORTED"


class NotRetriableError(FailedPreconditionError):
    """The run has not ended, or has nothing left to do. HTTP 409, as in KFP."""

    code = "ABORTED"


class StateHeldError(FailedPreconditionError):
    """Another process holds the state folder. The message names it."""


class InfrastructureError(WherryError):
    """A part outside wherry failed; trying again may help."""

    code = "UNAVAILABLE"
    retryable = True


class LauncherError(InfrastructureError):
    """A launcher could not start, see or stop an attempt."""


class ObjectStoreError(InfrastructureError):
    """An artifact could not be read or written."""


class StoreUnavailableError(InfrastructureError):
    """The database could not be reached, or refused to work."""


class ServerUnreachableError(InfrastructureError):
    """No server answers at an address, or it went away in the middle of an answer."""


class StaleOwnerError(WherryError):
    """A write was refused because another owner has claimed the run since: forget the run."""

    code = "ABORTED"


class WherryBugError(WherryError):
    """An impossible case was reached."""

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="This is a bug in wherry, please report it with the text above.")
