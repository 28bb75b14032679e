"""Experiments (KFP: ExperimentService). A namespace in a request is ignored: there is one user."""

from __future__ import annotations

from typing import Any, Final

from wherry.api import experiments as api
from wherry.api.status import Empty
from wherry.errors import InvalidArgumentError
from wherry.model.experiments import Experiment
from wherry.model.identity import ExperimentId
from wherry.server.call import Call
from wherry.server.presentation import experiments as present
from wherry.server.route_table import Permission, Route
from wherry.server.texts import checked_text

_NAME_LENGTH: Final = 128
_LIST = ("page_token", "page_size", "sort_by", "filter", "namespace")


async def create_experiment(call: Call, body: api.Experiment) -> api.Experiment:
    """KFP: CreateExperiment."""
    if not body.display_name:
        raise InvalidArgumentError("an experiment needs a display_name")
    made = await call.parts.experiments.create_experiment(
        Experiment(
            id=call.parts.ids.experiment_id(),
            namespace="",
            created_by=call.caller,
            display_name=checked_text(body.display_name, what="display_name", longest=_NAME_LENGTH),
            description=checked_text(body.description, what="description"),
            created_at=call.parts.clock.now(),
        )
    )
    return present.experiment(made)


async def list_experiments(call: Call, _body: Any) -> api.ListExperimentsResponse:
    """KFP: ListExperiments."""
    listing = call.listing("experiments")
    page = await call.parts.experiments.find_experiments(listing.query)
    return api.ListExperimentsResponse(
        experiments=tuple(present.experiment(one) for one in page.items),
        total_size=page.total_size,
        next_page_token=listing.next_token(page),
    )


async def get_experiment(call: Call, _body: Any) -> api.Experiment:
    """KFP: GetExperiment."""
    return present.experiment(await call.parts.experiments.get_experiment(_id(call)))


async def delete_experiment(call: Call, _body: Any) -> Empty:
    """KFP: DeleteExperiment. Its runs stay."""
    await call.parts.experiments.delete_experiment(_id(call), by=call.caller, now=call.parts.clock.now())
    return Empty()


async def archive_experiment(call: Call, _body: Any) -> Empty:
    """KFP: ArchiveExperiment. Its runs are archived with it."""
    await call.parts.experiments.archive_experiment(_id(call), by=call.caller, now=call.parts.clock.now())
    return Empty()


async def unarchive_experiment(call: Call, _body: Any) -> Empty:
    """KFP: UnarchiveExperiment. Its runs stay archived."""
    await call.parts.experiments.unarchive_experiment(_id(call), by=call.caller, now=call.parts.clock.now())
    return Empty()


def _id(call: Call) -> ExperimentId:
    return ExperimentId(call.path["experiment_id"])


_ALL = "/apis/v2beta1/experiments"
_ONE = _ALL + "/{experiment_id}"

ROUTES = (
    Route(
        method="GET",
        path=_ALL,
        operation="ExperimentService_ListExperiments",
        handler=list_experiments,
        permission=Permission.READ,
        response=api.ListExperimentsResponse,
        query=_LIST,
        summary="List experiments.",
    ),
    Route(
        method="POST",
        path=_ALL,
        operation="ExperimentService_CreateExperiment",
        handler=create_experiment,
        permission=Permission.WRITE,
        request=api.Experiment,
        response=api.Experiment,
        summary="Create an experiment.",
    ),
    Route(
        method="POST",
        path=_ONE + ":archive",
        operation="ExperimentService_ArchiveExperiment",
        handler=archive_experiment,
        permission=Permission.WRITE,
        response=Empty,
        summary="Archive an experiment and its runs.",
    ),
    Route(
        method="POST",
        path=_ONE + ":unarchive",
        operation="ExperimentService_UnarchiveExperiment",
        handler=unarchive_experiment,
        permission=Permission.WRITE,
        response=Empty,
        summary="Put an archived experiment back.",
    ),
    Route(
        method="GET",
        path=_ONE,
        operation="ExperimentService_GetExperiment",
        handler=get_experiment,
        permission=Permission.READ,
        response=api.Experiment,
        summary="One experiment.",
    ),
    Route(
        method="DELETE",
        path=_ONE,
        operation="ExperimentService_DeleteExperiment",
        handler=delete_experiment,
        permission=Permission.WRITE,
        response=Empty,
        summary="Delete an experiment; its runs stay.",
    ),
)
