"""From a CreateRun message to a run to record."""

from __future__ import annotations

from typing import Final

from wherry.api import runs as api
from wherry.errors import InvalidArgumentError
from wherry.ir.types import check_arguments
from wherry.model.identity import ExperimentId, PipelineId, PipelineVersionId
from wherry.model.pipelines import PipelineVersion
from wherry.model.runs import CachePolicy, Run
from wherry.model.states import RuntimeState, StorageState
from wherry.ports import NewRun
from wherry.server import packages
from wherry.server.call import Call
from wherry.server.package_outline import Outline
from wherry.server.texts import checked_text

_NAME_LENGTH: Final = 128
_KEY_LENGTH: Final = 255
_SERVICE_ACCOUNT: Final = "pipeline-runner"


async def run_to_create(call: Call, body: api.Run) -> NewRun:
    """Check what was sent and fill in the rest.

    Raises:
        InvalidArgumentError, SpecError: something is missing or wrong; nothing was recorded.
        NotFoundError: the pipeline or version does not exist.
    """
    if not body.display_name:
        raise InvalidArgumentError("a run needs a display_name")
    if body.plugins_input or body.plugins_output:
        raise InvalidArgumentError("plugins are not supported by this server")
    version, outline = await _source(call, body)
    config = body.runtime_config or api.RuntimeConfig()
    inputs = packages.inputs_only(outline)
    now = call.parts.clock.now()
    experiment = body.experiment_id or call.query.get("experiment_id", "")
    run = Run(
        id=call.parts.ids.run_id(),
        generation=1,
        namespace="",
        created_by=call.caller,
        display_name=checked_text(body.display_name, what="display_name", longest=_NAME_LENGTH),
        pipeline=outline.name,
        spec_digest=outline.digest,
        parameters=check_arguments(inputs, config.parameters),
        # There are no credentials for a remote root: the run's history says so.
        pipeline_root=str(call.parts.artifact_root),
        cache=CachePolicy.AS_COMPILED,
        state=RuntimeState.PENDING,
        storage_state=StorageState.AVAILABLE,
        created_at=now,
        scheduled_at=now,
        experiment_id=ExperimentId(experiment) if experiment else None,
        description=checked_text(body.description, what="description"),
        pipeline_id=version.pipeline_id if version is not None else None,
        pipeline_version_id=version.id if version is not None else None,
        service_account=checked_text(body.service_account or _SERVICE_ACCOUNT, what="service_account", longest=253),
    )
    return NewRun(
        run=run,
        spec=outline.encoded,
        idempotency_key=_idempotency_key(call),
        warnings=_root_warnings(config.pipeline_root or inputs.default_pipeline_root, run.pipeline_root),
    )


def _root_warnings(asked: str, used: str) -> tuple[str, ...]:
    if not asked or asked.rstrip("/") == used:
        return ()
    return (f"the pipeline root '{asked[:256]}' is not used: artifacts of this run lie below '{used}' on the server",)


async def _source(call: Call, body: api.Run) -> tuple[PipelineVersion | None, Outline]:
    reference = body.pipeline_version_reference
    if body.pipeline_version_id and reference is None:
        reference = api.PipelineVersionReference(pipeline_version_id=body.pipeline_version_id)
    if (reference is None) == (body.pipeline_spec is None):
        raise InvalidArgumentError(
            "a run names its pipeline in one way", hint="Send either pipeline_version_reference or pipeline_spec."
        )
    if body.pipeline_spec is not None:
        return None, await packages.parse(bytes(body.pipeline_spec), source="pipeline_spec")
    version = await _version(call, reference or api.PipelineVersionReference())
    return version, packages.outline_of_stored(await call.parts.runs.spec(version.spec_digest))


async def _version(call: Call, reference: api.PipelineVersionReference) -> PipelineVersion:
    pipelines = call.parts.pipelines
    if not reference.pipeline_version_id:
        if not reference.pipeline_id:
            raise InvalidArgumentError("pipeline_version_reference names no pipeline")
        return await pipelines.latest_pipeline_version(PipelineId(reference.pipeline_id))
    version = await pipelines.get_pipeline_version(PipelineVersionId(reference.pipeline_version_id))
    if reference.pipeline_id and version.pipeline_id != reference.pipeline_id:
        raise InvalidArgumentError(
            f"version '{version.id}' is one of pipeline '{version.pipeline_id}', not of '{reference.pipeline_id[:64]}'"
        )
    return version


def _idempotency_key(call: Call) -> str | None:
    key = call.request.headers.get("idempotency-key")
    if key is None:
        return None
    if not key or len(key) > _KEY_LENGTH:
        raise InvalidArgumentError(f"Idempotency-Key has 1 to {_KEY_LENGTH} characters")
    return checked_text(key, what="Idempotency-Key")
