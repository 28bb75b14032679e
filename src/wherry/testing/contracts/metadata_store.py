"""What every metadata store does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from wherry.errors import InvalidArgumentError, NotFoundError, WherryBugError
from wherry.model.artifacts import Lineage, LinkKind, Made, ModelVersion, Registration
from wherry.model.identity import ArtifactId, AttemptId, Micros, RunId
from wherry.model.runs import RunChanges, RunEventKind
from wherry.model.states import AttemptState
from wherry.ports import MetadataStore
from wherry.testing.contracts.run_commits import Held, claimed, run_async
from wherry.testing.contracts.stores import Stores
from wherry.testing.records import NAMESPACE, SOON, event, execution, link, new_run, reuse, task


class MetadataStoreContract(ABC):
    """Subclass it, provide ``store``, and you have the full suite."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> Stores:
        """An empty store."""

    # -- artifacts ----------------------------------------------------------------------------------------------------

    def test_an_artifact_is_found_by_its_id_or_the_beginning_of_it(self, store: Stores) -> None:
        async def story() -> list[str]:
            await made(store, "load", writes=("abcd-1", "abce-1"))
            return [(await store.get_artifact(ArtifactId(name))).id for name in ("abcd-1", "abcd", "abce-")]

        assert run_async(story()) == ["abcd-1", "abcd-1", "abce-1"]

    @pytest.mark.parametrize(
        ("prefix", "error"), [("abcd", InvalidArgumentError), ("abc", NotFoundError), ("zzzz", NotFoundError)]
    )
    def test_a_beginning_that_names_no_single_artifact_is_an_error(
        self, store: Stores, prefix: str, error: type[Exception]
    ) -> None:
        async def story() -> None:
            await made(store, "load", writes=("abcd-1", "abcd-2"))
            with pytest.raises(error, match=prefix):
                await store.get_artifact(ArtifactId(prefix))

        run_async(story())

    # -- models -------------------------------------------------------------------------------------------------------

    def test_versions_count_from_one_per_name(self, store: Stores) -> None:
        async def story() -> list[list[tuple[int, str]]]:
            held = await made(store, "train", writes=("a", "b", "c"))
            for name, artifact_id in (("churn", "a"), ("attrition", "b"), ("churn", "c")):
                await held.turn(registrations=(registration(name, artifact_id),))
            return [
                [(each.version, each.artifact_id) for each in await store.model_versions(NAMESPACE, name)]
                for name in ("churn", "attrition", "absent")
            ]

        assert run_async(story()) == [[(1, "a"), (2, "c")], [(1, "b")], []]

    def test_a_version_says_who_made_it_and_when(self, store: Stores) -> None:
        async def story() -> ModelVersion:
            held = await made(store, "train", writes=("a",))
            await held.turn(registrations=(registration("churn", "a"),))
            return (await store.model_versions(NAMESPACE, "churn"))[0]

        assert run_async(story()) == ModelVersion(
            namespace=NAMESPACE, name="churn", version=1, artifact_id=ArtifactId("a"), created_at=SOON, created_by="ann"
        )

    def test_an_artifact_is_registered_once_under_a_name(self, store: Stores) -> None:
        async def story() -> tuple[Any, ...]:
            held = await made(store, "train", writes=("a",))
            both = held.changes(registrations=(registration("churn", "a"), registration("best", "a")))
            first = await store.commit([both])
            again = await store.commit([held.changes(registrations=(registration("churn", "a"),))])
            return [(each.name, each.version) for each in (*first, *again)], len(
                await store.model_versions(NAMESPACE, "churn")
            )

        assert run_async(story()) == ([("churn", 1), ("best", 1), ("churn", 1)], 1)

    def test_the_event_of_a_registration_learns_the_version(self, store: Stores) -> None:
        async def story() -> list[dict[str, Any]]:
            held = await made(store, "train", writes=("a", "b"))
            told = RunEventKind.MODEL_REGISTERED
            await held.turn(
                registrations=(registration("churn", "a"), registration("churn", "b")),
                events=(
                    event(held.run, 2, told, name="churn", artifact_id="b"),
                    event(held.run, 3, told, name="churn", artifact_id="a"),
                ),
            )
            return [each.body for each in await store.events(held.run.id, after=1)]

        assert run_async(story()) == [
            {"name": "churn", "artifact_id": "b", "version": 2},
            {"name": "churn", "artifact_id": "a", "version": 1},
        ]

    def test_a_registration_of_no_artifact_refuses_the_turn(self, store: Stores) -> None:
        async def story() -> Any:
            held = await claimed(store)
            with pytest.raises(WherryBugError, match="absent"):
                await held.turn(registrations=(registration("churn", "absent"),))
            return await store.model_names(NAMESPACE)

        assert run_async(story()) == ()

    def test_a_refused_turn_uses_up_no_version(self, store: Stores) -> None:
        async def story() -> list[int]:
            held = await made(store, "train", writes=("a",))
            with pytest.raises(WherryBugError):
                await held.turn(registrations=(registration("churn", "a"),), events=(event(held.run, 9),))
            await held.turn(registrations=(registration("churn", "a"),))
            return [each.version for each in await store.model_versions(NAMESPACE, "churn")]

        assert run_async(story()) == [1]

    def test_names_are_of_their_namespace(self, store: Stores) -> None:
        async def story() -> list[Any]:
            held = await made(store, "train", writes=("a",))
            theirs = Registration(namespace="theirs", name="x", artifact_id=ArtifactId("a"))
            await held.turn(registrations=(registration("b", "a"), registration("a", "a"), theirs))
            return [await store.model_names(NAMESPACE), await store.model_names("theirs")]

        assert run_async(story()) == [("a", "b"), ("x",)]

    # -- lineage ------------------------------------------------------------------------------------------------------

    def test_upstream_says_who_made_each_artifact(self, store: Stores) -> None:
        async def story() -> Lineage:
            held = await made(store, "load", writes=("raw",))
            await execute(held, "train", reads=("raw",), writes=("model",))
            await held.turn(registrations=(registration("churn", "model"),))
            return await store.upstream(ArtifactId("model"))

        model, raw = run_async(story()).nodes

        assert (model.artifact.id, model.hops, [each.name for each in model.versions]) == ("model", 0, ["churn"])
        assert (raw.artifact.id, raw.hops, raw.versions) == ("raw", 1, ())
        assert raw.made == Made(
            run_id=RunId("run-0001"),
            run_name="attrition of run-0001",
            pipeline="attrition",
            generation=1,
            task=task(new_run().run, "load").key,
            attempt_id=AttemptId("run-0001-1-load-1"),
            port="out0",
            at=Micros(SOON + 1_000_000),
        )

    def test_ten_hops_are_walked_both_ways(self, store: Stores) -> None:
        async def story() -> tuple[Any, Any]:
            held = await made(store, "t0", writes=("a0",))
            for index in range(1, 11):
                await execute(held, f"t{index}", reads=(f"a{index - 1}",), writes=(f"a{index}",))
            return hops(await store.upstream(ArtifactId("a10"))), hops(await store.downstream(ArtifactId("a0")))

        up, down = run_async(story())

        assert up == {f"a{index}": 10 - index for index in range(11)}
        assert down == {f"a{index}": index for index in range(11)}

    def test_hops_can_be_limited(self, store: Stores) -> None:
        async def story() -> list[Any]:
            held = await made(store, "t0", writes=("a0",))
            for index in range(1, 5):
                await execute(held, f"t{index}", reads=(f"a{index - 1}",), writes=(f"a{index}",))
            walks = [
                await store.upstream(ArtifactId("a4"), max_hops=2),
                await store.downstream(ArtifactId("a0"), max_hops=1),
                await store.upstream(ArtifactId("a4"), max_hops=0),
            ]
            return [(hops(walk), pairs(walk)) for walk in walks]

        assert run_async(story()) == [
            ({"a4": 0, "a3": 1, "a2": 2}, [("a3", "a4"), ("a2", "a3")][::-1]),
            ({"a0": 0, "a1": 1}, [("a0", "a1")]),
            ({"a4": 0}, []),
        ]

    def test_a_diamond_is_walked_once_and_all_its_edges_are_told(self, store: Stores) -> None:
        async def story() -> tuple[Any, Any]:
            held = await made(store, "load", writes=("raw",))
            await execute(held, "left", reads=("raw",), writes=("l",))
            await execute(held, "right", reads=("raw",), writes=("r",))
            await execute(held, "join", reads=("l", "r", "raw"), writes=("out",))
            walk = await store.upstream(ArtifactId("out"))
            return hops(walk), pairs(walk)

        assert run_async(story()) == (
            {"out": 0, "l": 1, "r": 1, "raw": 1},
            sorted([("l", "out"), ("r", "out"), ("raw", "out"), ("raw", "l"), ("raw", "r")]),
        )

    def test_lineage_crosses_runs(self, store: Stores) -> None:
        async def story() -> Any:
            held = await made(store, "load", writes=("raw",))
            second = await claimed(store, new_run("run-0002", at=1))
            await execute(second, "train", reads=("raw",), writes=("model",))
            del held
            return [
                (each.artifact.id, each.made and each.made.run_id) for each in (await upstream(store, "model")).nodes
            ]

        assert run_async(story()) == [("model", "run-0002"), ("raw", "run-0001")]

    def test_a_reused_task_counts_as_its_origin(self, store: Stores) -> None:
        async def story() -> list[Any]:
            held = await made(store, "load", writes=("raw",))
            await execute(held, "clean", reads=("raw",), writes=("cleaned",))
            second = await claimed(store, new_run("run-0002", at=1))
            for name, reads, writes in (("load", (), ("raw",)), ("clean", ("raw",), ("cleaned",))):
                again = reuse(second.run, name, second.token, of=held.run, reads=reads, writes=writes)
                await store.commit([again])
            await execute(second, "train", reads=("cleaned",), writes=("model",))
            walk = await store.upstream(ArtifactId("model"))
            return [(each.artifact.id, each.hops, each.made and each.made.run_id) for each in walk.nodes] + pairs(walk)

        assert run_async(story()) == [
            ("model", 0, "run-0002"),
            ("cleaned", 1, "run-0001"),
            ("raw", 2, "run-0001"),
            ("cleaned", "model"),
            ("raw", "cleaned"),
        ]

    def test_what_nobody_made_has_no_maker(self, store: Stores) -> None:
        async def story() -> Any:
            held = await claimed(store)
            imported = execution(held.run, "import", held.token, writes=("given",))[1]
            await held.turn(
                tasks_created=(task(held.run, "import"),), artifacts=imported.artifacts, links=imported.links
            )
            return [(each.artifact.id, each.made) for each in (await upstream(store, "given")).nodes]

        assert run_async(story()) == [("given", None)]

    def test_a_failed_execution_made_nothing_of_what_it_read(self, store: Stores) -> None:
        async def story() -> Any:
            held = await made(store, "load", writes=("raw",))
            await store.commit([execution(held.run, "train", held.token, reads=("raw",))[0]])
            return hops(await store.downstream(ArtifactId("raw")))

        assert run_async(story()) == {"raw": 0}

    def test_an_output_of_a_failed_attempt_is_nobodys(self, store: Stores) -> None:
        async def story() -> list[Any]:
            held = await made(store, "load", writes=("raw",))
            start, finish = execution(held.run, "train", held.token, reads=("raw",), writes=("half",))
            failed = tuple(msgspec.structs.replace(each, state=AttemptState.FAILED) for each in finish.attempts_ended)
            await store.commit([start, msgspec.structs.replace(finish, attempts_ended=failed)])
            half = await store.upstream(ArtifactId("half"))
            return [hops(await store.downstream(ArtifactId("raw"))), hops(half), half.nodes[0].made]

        assert run_async(story()) == [{"raw": 0}, {"half": 0}, None]

    @pytest.mark.parametrize("max_hops", [None, 5])
    def test_a_cycle_ends(self, store: Stores, max_hops: int | None) -> None:
        async def story() -> list[Any]:
            held = await made(store, "one", writes=("a",))
            await execute(held, "two", reads=("a",), writes=("b",))
            # Nothing of ours writes this; a store must answer all the same.
            await held.turn(links=(link(held.run, "one", LinkKind.INPUT, "b"),))
            walks = [await each(ArtifactId("a"), max_hops=max_hops) for each in (store.upstream, store.downstream)]
            return [hops(walk) for walk in walks]

        assert run_async(story()) == [{"a": 0, "b": 1}, {"a": 0, "b": 1}]

    def test_a_thousand_artifacts_are_walked(self, store: Stores) -> None:
        async def story() -> tuple[int, int, int]:
            held = await made(store, "t0", writes=[f"a0-{index}" for index in range(10)])
            changes: list[RunChanges] = []
            for layer in range(1, 100):
                for index in range(10):
                    reads = (f"a{layer - 1}-{index}", f"a{layer - 1}-{(index + 1) % 10}")
                    changes += execution(
                        held.run, f"t{layer}-{index}", held.token, reads=reads, writes=(f"a{layer}-{index}",)
                    )
            await store.commit(changes)
            up, down = await store.upstream(ArtifactId("a99-0")), await store.downstream(ArtifactId("a0-0"))
            return len(up.nodes), up.nodes[-1].hops, len(down.nodes)

        # Each artifact reaches one more of the layer before, until it reaches all ten.
        reached = sum(min(10, distance + 1) for distance in range(100))

        assert run_async(story()) == (reached, 99, reached)

    def test_lineage_of_no_artifact_is_an_error_that_names_it(self, store: Stores) -> None:
        with pytest.raises(NotFoundError, match="absent"):
            run_async(store.upstream(ArtifactId("absent")))


def registration(name: str, artifact_id: str) -> Registration:
    """Asks that an artifact becomes the next version of a name."""
    return Registration(namespace=NAMESPACE, name=name, artifact_id=ArtifactId(artifact_id))


async def made(store: Stores, name: str, *, writes: Iterable[str]) -> Held:
    """A claimed run in which a task has made artifacts."""
    held = await claimed(store)
    await execute(held, name, writes=writes)
    return held


async def execute(held: Held, name: str, *, reads: Iterable[str] = (), writes: Iterable[str] = ()) -> None:
    """Run a task from beginning to end."""
    for change in execution(held.run, name, held.token, reads=reads, writes=writes):
        await held.store.commit([change])


async def upstream(store: MetadataStore, artifact_id: str) -> Lineage:
    """Everything an artifact was made from."""
    return await store.upstream(ArtifactId(artifact_id))


def hops(walk: Lineage) -> dict[str, int]:
    """Distance by artifact."""
    return {node.artifact.id: node.hops for node in walk.nodes}


def pairs(walk: Lineage) -> list[tuple[str, str]]:
    """Sources and targets of the edges."""
    return sorted((edge.source, edge.target) for edge in walk.edges)
