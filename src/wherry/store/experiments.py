"""Experiments: create, find, archive, forget."""

from __future__ import annotations

import msgspec

from wherry.errors import AlreadyExistsError, DefaultExperimentError, InvalidArgumentError, NotFoundError
from wherry.model.experiments import DEFAULT_NAME, Experiment, default_experiment, default_experiment_id
from wherry.model.identity import ExperimentId, Micros
from wherry.model.listing import ListQuery, Page
from wherry.model.runs import Run
from wherry.model.states import StorageState
from wherry.store import compiled as sql
from wherry.store import history, pages
from wherry.store.history import AuditEntry
from wherry.store.unit import Reading, Row, Unit, ids_parameter


def create(unit: Unit, experiment: Experiment) -> Experiment:
    """Record an experiment. Raises AlreadyExistsError."""
    if experiment.display_name == DEFAULT_NAME:
        # The name is the default experiment's, whoever comes first.
        ensure_default(unit, experiment.namespace, now=experiment.created_at)
    by_name = {"where_namespace": experiment.namespace, "where_display_name": experiment.display_name}
    if unit.row(sql.EXPERIMENTS_SELECT_BY_NAME, by_name) is not None:
        raise name_taken(experiment)
    if find(unit, experiment.id) is not None:
        raise AlreadyExistsError(f"an experiment with the id '{experiment.id}' exists")
    _insert(unit, experiment)
    _audit(unit, experiment, "experiment.create", by=experiment.created_by, now=experiment.created_at)
    return experiment


def name_taken(experiment: Experiment) -> AlreadyExistsError:
    """Why an experiment cannot be created."""
    return AlreadyExistsError(
        f"an experiment with the name '{experiment.display_name}' exists", hint="Use it, or give another name."
    )


def ensure_default(unit: Unit, namespace: str, *, now: Micros) -> Experiment:
    """The default experiment of a namespace, made if it is not there."""
    found = find(unit, default_experiment_id(namespace))
    if found is not None:
        return found
    made = default_experiment(namespace, now=now)
    _insert(unit, made)
    return made


def take_run(unit: Unit, run: Run) -> ExperimentId:
    """The experiment of a run that is created. Raises NotFoundError, InvalidArgumentError."""
    if run.experiment_id is None:
        experiment = ensure_default(unit, run.namespace, now=run.created_at)
    else:
        experiment = get(unit, run.experiment_id)
    if experiment.namespace != run.namespace:
        raise other_namespace(experiment, run)
    unit.execute(sql.EXPERIMENTS_RUN_CREATED, {"where_id": experiment.id, "created_at": run.created_at})
    return experiment.id


def other_namespace(experiment: Experiment, run: Run) -> InvalidArgumentError:
    """Why a run cannot be created."""
    return InvalidArgumentError(
        f"experiment '{experiment.display_name}' is in namespace '{experiment.namespace}'; the run is in "
        f"'{run.namespace}'"
    )


def find(reading: Reading, experiment_id: ExperimentId | None) -> Experiment | None:
    """The experiment with an id; None if there is none."""
    row = reading.row(sql.EXPERIMENTS_SELECT, {"where_id": experiment_id})
    return None if row is None else experiment_from_row(row)


def get(reading: Reading, experiment_id: ExperimentId) -> Experiment:
    """The experiment with an id. Raises NotFoundError."""
    found = find(reading, experiment_id)
    if found is None:
        raise NotFoundError(f"there is no experiment '{experiment_id}'")
    return found


def find_page(reading: Reading, query: ListQuery, *, scope: pages.Scope) -> Page[Experiment]:
    """A filtered and sorted page. Raises InvalidArgumentError."""
    ids, following, total = pages.find(reading, pages.EXPERIMENTS, query, scope)
    found = {row[0]: row for row in reading.rows(sql.EXPERIMENTS_SELECT_MANY, {"ids": ids_parameter(ids)})}
    return Page(items=tuple(experiment_from_row(found[id_]) for id_ in ids), next=following, total_size=total)


def archive(unit: Unit, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
    """Archive it and every run in it. Raises NotFoundError."""
    experiment = get(unit, experiment_id)
    _set_storage_state(unit, experiment, StorageState.ARCHIVED)
    unit.execute(sql.RUNS_ARCHIVE_EXPERIMENT, {"where_experiment_id": experiment_id})
    _audit(unit, experiment, "experiment.archive", by=by, now=now)


def unarchive(unit: Unit, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
    """Put it back, without its runs. Raises NotFoundError."""
    experiment = get(unit, experiment_id)
    _set_storage_state(unit, experiment, StorageState.AVAILABLE)
    _audit(unit, experiment, "experiment.unarchive", by=by, now=now)


def delete(unit: Unit, experiment_id: ExperimentId, *, by: str, now: Micros) -> None:
    """Forget it; its runs stay. Raises NotFoundError, DefaultExperimentError."""
    experiment = get(unit, experiment_id)
    if experiment_id == default_experiment_id(experiment.namespace):
        raise default_stays(experiment)
    unit.execute(sql.EXPERIMENTS_DELETE, {"where_id": experiment_id})
    _audit(unit, experiment, "experiment.delete", by=by, now=now)


def default_stays(experiment: Experiment) -> DefaultExperimentError:
    """Why an experiment cannot be deleted."""
    return DefaultExperimentError(
        f"the default experiment '{experiment.display_name}' cannot be deleted", hint="Archive it instead."
    )


def experiment_from_row(row: Row) -> Experiment:
    """An experiment of the columns that `wherry.store.statements.experiments` selects."""
    return Experiment(
        id=row[0],
        namespace=row[1],
        created_by=row[2],
        display_name=row[3],
        description=row[4],
        storage_state=StorageState(row[5]),
        created_at=row[6],
        last_run_created_at=row[7] or None,
    )


def _insert(unit: Unit, experiment: Experiment) -> None:
    parameters = msgspec.structs.asdict(experiment)
    parameters["storage_state"] = experiment.storage_state.value
    parameters["last_run_created_at"] = experiment.last_run_created_at or 0
    unit.execute(sql.EXPERIMENTS_INSERT, parameters)


def _set_storage_state(unit: Unit, experiment: Experiment, to: StorageState) -> None:
    unit.execute(sql.EXPERIMENTS_SET_STORAGE_STATE, {"where_id": experiment.id, "storage_state": to.value})


def _audit(unit: Unit, experiment: Experiment, action: str, *, by: str, now: Micros) -> None:
    entry = AuditEntry(
        at=now,
        who=by,
        action=action,
        namespace=experiment.namespace,
        object_kind="experiment",
        object_id=experiment.id,
        detail={"display_name": experiment.display_name},
    )
    history.record_audit(unit, entry)
