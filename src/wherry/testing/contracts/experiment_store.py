"""What every experiment store does, and how runs and experiments go together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import pytest

from wherry.errors import AlreadyExistsError, FailedPreconditionError, InvalidArgumentError, NotFoundError
from wherry.model.experiments import DEFAULT_NAME, Experiment, default_experiment_id
from wherry.model.identity import ExperimentId, Micros, RunId
from wherry.model.listing import ListQuery
from wherry.model.states import StorageState
from wherry.ports import RunStore
from wherry.testing.contracts.run_commits import claimed, run_async
from wherry.testing.contracts.stores import Stores
from wherry.testing.records import NAMESPACE, SOON, experiment, new_run

ARCHIVED, AVAILABLE = StorageState.ARCHIVED, StorageState.AVAILABLE
LATER = Micros(SOON + 1_000_000)
BY_ANN: Any = {"by": "ann", "now": LATER}


class ExperimentStoreContract(ABC):
    """Subclass it, provide ``store``, and you have the full suite."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> Stores:
        """An empty store."""

    # -- creating -----------------------------------------------------------------------------------------------------

    def test_an_experiment_is_read_back_as_it_was_created(self, store: Stores) -> None:
        async def story() -> tuple[Experiment, Experiment]:
            wrote = await store.create_experiment(experiment(description="who leaves"))
            return wrote, await store.get_experiment(wrote.id)

        assert run_async(story()) == (experiment(description="who leaves"),) * 2

    def test_a_name_is_taken_once_in_its_namespace(self, store: Stores) -> None:
        async def story() -> int:
            await store.create_experiment(experiment("a"))
            await store.create_experiment(Experiment(**_other("a", "theirs")))
            with pytest.raises(AlreadyExistsError, match="'a'"):
                await store.create_experiment(Experiment(**_other("a", NAMESPACE)))
            return (await store.find_experiments(ListQuery())).total_size

        assert run_async(story()) == 2

    def test_an_id_is_taken_once(self, store: Stores) -> None:
        async def story() -> None:
            await store.create_experiment(experiment("a"))
            with pytest.raises(AlreadyExistsError, match="experiment-a"):
                await store.create_experiment(Experiment(**{**_other("b", NAMESPACE), "id": "experiment-a"}))

        run_async(story())

    def test_the_name_of_the_default_experiment_is_taken_before_it_is_made(self, store: Stores) -> None:
        with pytest.raises(AlreadyExistsError, match=DEFAULT_NAME):
            run_async(store.create_experiment(experiment(DEFAULT_NAME)))

    @pytest.mark.parametrize(
        "what", ["get_experiment", "archive_experiment", "unarchive_experiment", "delete_experiment"]
    )
    def test_an_experiment_that_does_not_exist_is_an_error_that_names_it(self, store: Stores, what: str) -> None:
        more = {} if what == "get_experiment" else BY_ANN
        with pytest.raises(NotFoundError, match="absent"):
            run_async(getattr(store, what)(ExperimentId("absent"), **more))

    # -- the default one ----------------------------------------------------------------------------------------------

    def test_the_default_experiment_is_made_once(self, store: Stores) -> None:
        async def story() -> tuple[Experiment, Experiment, int]:
            first = await store.default_experiment(NAMESPACE, now=SOON)
            second = await store.default_experiment(NAMESPACE, now=LATER)
            return first, second, (await store.find_experiments(ListQuery())).total_size

        first, second, count = run_async(story())

        assert (first.display_name, first.created_at) == (DEFAULT_NAME, SOON)
        assert (second, count) == (first, 1)

    def test_a_run_that_names_no_experiment_goes_to_the_default_one(self, store: Stores) -> None:
        async def story() -> tuple[Any, Any]:
            run = await store.create_run(new_run())
            return run.experiment_id, (await store.default_experiment(NAMESPACE, now=LATER)).created_at

        assert run_async(story()) == (default_experiment_id(NAMESPACE), SOON)

    def test_the_default_experiment_cannot_be_deleted(self, store: Stores) -> None:
        async def story() -> None:
            default = await store.default_experiment(NAMESPACE, now=SOON)
            with pytest.raises(FailedPreconditionError, match=DEFAULT_NAME):
                await store.delete_experiment(default.id, **BY_ANN)

        run_async(story())

    # -- runs ---------------------------------------------------------------------------------------------------------

    def test_an_experiment_knows_when_its_newest_run_was_created(self, store: Stores) -> None:
        async def story() -> list[Any]:
            made = await store.create_experiment(experiment())
            seen = [made.last_run_created_at]
            for number, at in enumerate((20, 10, 30)):
                await store.create_run(new_run(f"run-{number}", at=at, experiment_id=made.id))
                seen.append((await store.get_experiment(made.id)).last_run_created_at)
            return seen

        assert run_async(story()) == [None, SOON + 20, SOON + 20, SOON + 30]

    def test_a_run_cannot_be_created_in_an_experiment_that_does_not_exist(self, store: Stores) -> None:
        async def story() -> int:
            with pytest.raises(NotFoundError, match="absent"):
                await store.create_run(new_run(experiment_id=ExperimentId("absent")))
            return len(await store.list_runs())

        assert run_async(story()) == 0

    def test_a_run_cannot_be_created_in_an_experiment_of_another_namespace(self, store: Stores) -> None:
        async def story() -> None:
            theirs = await store.create_experiment(experiment(namespace="theirs"))
            with pytest.raises(InvalidArgumentError, match="theirs"):
                await store.create_run(new_run(experiment_id=theirs.id))

        run_async(story())

    def test_archiving_an_experiment_archives_its_runs_and_unarchiving_leaves_them(self, store: Stores) -> None:
        async def story() -> list[Any]:
            made = await store.create_experiment(experiment())
            await store.create_run(new_run("run-1", experiment_id=made.id))
            await store.create_run(new_run("run-2"))
            await store.archive_experiment(made.id, **BY_ANN)
            await store.archive_experiment(made.id, **BY_ANN)
            archived = [(await store.get_experiment(made.id)).storage_state, *await storage_of(store)]
            await store.unarchive_experiment(made.id, **BY_ANN)
            return [archived, [(await store.get_experiment(made.id)).storage_state, *await storage_of(store)]]

        assert run_async(story()) == [[ARCHIVED, ARCHIVED, AVAILABLE], [AVAILABLE, ARCHIVED, AVAILABLE]]

    def test_deleting_an_experiment_leaves_its_runs(self, store: Stores) -> None:
        async def story() -> Any:
            made = await store.create_experiment(experiment())
            await store.create_run(new_run("run-1", experiment_id=made.id))
            await store.archive_experiment(made.id, **BY_ANN)
            await store.delete_experiment(made.id, **BY_ANN)
            with pytest.raises(NotFoundError):
                await store.get_experiment(made.id)
            # Nothing holds it back any more.
            await store.unarchive_run(RunId("run-1"), **BY_ANN)
            run = await store.get_run(RunId("run-1"))
            return run.experiment_id, run.storage_state

        assert run_async(story()) == ("experiment-churn", AVAILABLE)

    def test_a_run_is_archived_and_unarchived_by_itself(self, store: Stores) -> None:
        async def story() -> list[Any]:
            run = await store.create_run(new_run("run-1"))
            seen = []
            for step in (store.archive_run, store.archive_run, store.unarchive_run, store.unarchive_run):
                await step(run.id, **BY_ANN)
                seen += await storage_of(store, "run-1")
            return seen

        assert run_async(story()) == [ARCHIVED, ARCHIVED, AVAILABLE, AVAILABLE]

    def test_a_run_stays_archived_while_its_experiment_is(self, store: Stores) -> None:
        async def story() -> None:
            made = await store.create_experiment(experiment())
            run = await store.create_run(new_run(experiment_id=made.id))
            await store.archive_experiment(made.id, **BY_ANN)
            with pytest.raises(FailedPreconditionError, match="'churn' is archived"):
                await store.unarchive_run(run.id, **BY_ANN)

        run_async(story())

    def test_an_archived_run_is_run_to_its_end(self, store: Stores) -> None:
        async def story() -> Any:
            held = await claimed(store)
            await store.archive_run(held.run.id, **BY_ANN)
            await held.ended()
            run = await store.get_run(held.run.id)
            return run.storage_state, run.state.is_final

        assert run_async(story()) == (ARCHIVED, True)


async def storage_of(store: RunStore, *run_ids: str) -> list[StorageState]:
    """Storage states of runs."""
    return [(await store.get_run(RunId(run_id))).storage_state for run_id in run_ids or ("run-1", "run-2")]


def _other(name: str, namespace: str) -> dict[str, Any]:
    """Another experiment of this name: its id is its own."""
    return {
        "id": ExperimentId(f"other-{name}-{namespace}"),
        "namespace": namespace,
        "created_by": "bob",
        "display_name": name,
        "created_at": SOON,
    }
