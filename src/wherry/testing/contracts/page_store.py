"""What every page store does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

import msgspec
import pytest

from wherry.errors import NotFoundError
from wherry.model.artifacts import Artifact, LinkKind
from wherry.model.identity import (
    ArtifactId,
    ExperimentId,
    PipelineId,
    PipelineVersionId,
    RunId,
    TaskId,
)
from wherry.model.listing import Direction, ListQuery
from wherry.model.outcomes import ConditionFalse, Kept, Reused, Succeeded, UpstreamUnavailable
from wherry.model.pages import ArtifactUse, Lender, LineageView, RunSummary, TaskTally
from wherry.model.pipelines import DeletePolicy
from wherry.model.runs import RunEventKind, TaskKind, TaskRecord
from wherry.model.states import RuntimeState
from wherry.ports import NewRun, PageStore
from wherry.testing.contracts.metadata_store import execute, made, registration
from wherry.testing.contracts.run_commits import Held, claimed, run_async
from wherry.testing.contracts.stores import Stores
from wherry.testing.records import (
    NAMESPACE,
    SOON,
    artifact,
    event,
    execution,
    experiment,
    key_of,
    link,
    new_run,
    pipeline,
    pipeline_version,
    reuse,
    task,
)

NEWEST = ListQuery(sort_by="created_at", direction=Direction.DESCENDING)


class PageStores(Stores, PageStore, Protocol):
    """What is asked of a page store was written through the others."""


class PageStoreContract(ABC):
    """Subclass it, provide ``store``, and you have the full suite."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> PageStores:
        """An empty store."""

    # -- runs ---------------------------------------------------------------------------------------------------------

    def test_tasks_are_counted_by_what_became_of_them(self, store: PageStores) -> None:
        async def story() -> TaskTally:
            first = await made(store, "load", writes=("raw",))
            held = await claimed(store, new_run("run-0002", at=1))
            await execute(held, "clean", writes=("cleaned",))
            await store.commit([reuse(held.run, "load", held.token, of=first.run, writes=("raw",))])
            skipped = task(held.run, "later", state=RuntimeState.SKIPPED, outcome=ConditionFalse(condition="1 == 2"))
            around = msgspec.structs.replace(task(held.run, "dag"), kind=TaskKind.DAG)
            await held.turn(tasks_created=(skipped, around, task(held.run, "train")))
            return (await summary(store, "run-0002")).tally

        assert run_async(story()) == TaskTally(
            reused=1,
            by_state={RuntimeState.SUCCEEDED: 1, RuntimeState.SKIPPED: 1, RuntimeState.RUNNING: 1},
        )

    def test_only_the_newest_generation_is_counted(self, store: PageStores) -> None:
        async def story() -> tuple[TaskTally, list[str]]:
            held = await retried(store)
            del held
            found = await summary(store)
            return found.tally, [one.id for one in found.metrics]

        assert run_async(story()) == (TaskTally(kept=1), ["scores"])

    def test_what_was_counted_of_an_ended_run_is_counted_anew_after_its_retry(self, store: PageStores) -> None:
        async def story() -> list[tuple[TaskTally, list[str]]]:
            held = await claimed(store)
            await scored(held, "load", ("scores",))
            await execute(held, "clean", writes=("cleaned",))
            await held.ended()
            found = [await summary(store), await summary(store)]
            held = await opened_again(held)
            await scored(held, "train", ("more",))
            found.append(await summary(store))
            return [(one.tally, [each.id for each in one.metrics]) for one in found]

        ended = (TaskTally(by_state={RuntimeState.SUCCEEDED: 2}), ["scores"])
        again = (TaskTally(kept=1, by_state={RuntimeState.SUCCEEDED: 1}), ["scores", "more"])

        assert run_async(story()) == [ended, ended, again]

    def test_a_run_shows_the_names_of_what_it_belongs_to(self, store: PageStores) -> None:
        async def story() -> list[tuple[str | None, str | None, str | None]]:
            await store.create_experiment(experiment("churn"))
            await store.create_pipeline(pipeline("churn"), pipeline_version("v1"))
            await store.create_run(of_pipeline(new_run(experiment_id=experiment("churn").id)))
            there = await summary(store)
            await store.delete_pipeline(pipeline("churn").id, DeletePolicy.CASCADE, by="ann", now=SOON)
            await store.delete_experiment(experiment("churn").id, by="ann", now=SOON)
            gone = await summary(store)
            return [(one.pipeline_name, one.version_name, one.experiment_name) for one in (there, gone)]

        assert run_async(story()) == [("Churn", "V1", "churn"), (None, None, None)]

    def test_metrics_are_artifacts_of_that_type_once_each(self, store: PageStores) -> None:
        async def story() -> list[str]:
            held = await made(store, "load", writes=("raw",))
            await scored(held, "evaluate", ("early", "late"))
            # A DAG around a task passes its outputs on.
            await held.turn(
                tasks_created=(msgspec.structs.replace(task(held.run, "dag"), kind=TaskKind.DAG),),
                links=(link(held.run, "dag", LinkKind.OUTPUT, "early"),),
            )
            return [one.id for one in (await summary(store)).metrics]

        assert run_async(story()) == ["early", "late"]

    def test_runs_are_listed_of_a_pipeline_and_of_a_version(self, store: PageStores) -> None:
        async def story() -> list[list[str]]:
            await store.create_pipeline(pipeline("churn"), pipeline_version("v1"))
            await store.create_pipeline_version(pipeline_version("v2", at=1))
            for number, version in enumerate(("v1", "v2", "v2", "")):
                new = new_run(f"run-{number}", at=number)
                await store.create_run(of_pipeline(new, version) if version else new)
            version_id = PipelineVersionId("version-churn-v2")
            pages = [
                await store.find_run_summaries(NEWEST),
                await store.find_run_summaries(NEWEST, pipeline_id=PipelineId("pipeline-churn")),
                await store.find_run_summaries(NEWEST, pipeline_version_id=version_id),
                await store.find_run_summaries(NEWEST, pipeline_id=PipelineId("absent")),
            ]
            return [[one.run.id for one in page.items] for page in pages]

        assert run_async(story()) == [
            ["run-3", "run-2", "run-1", "run-0"],
            ["run-2", "run-1", "run-0"],
            ["run-2", "run-1"],
            [],
        ]

    def test_a_list_is_continued_where_the_page_before_ended(self, store: PageStores) -> None:
        async def story() -> list[list[str]]:
            for number in range(5):
                await store.create_run(new_run(f"run-{number}", at=number))
            pages: list[list[str]] = []
            query = msgspec.structs.replace(NEWEST, page_size=2)
            while True:
                page = await store.find_run_summaries(query)
                pages.append([one.run.id for one in page.items])
                if page.next is None:
                    return pages
                query = msgspec.structs.replace(query, after=page.next)

        assert run_async(story()) == [["run-4", "run-3"], ["run-2", "run-1"], ["run-0"]]

    def test_a_run_shows_its_tasks_with_their_attempts(self, store: PageStores) -> None:
        async def story() -> list[tuple[str, int]]:
            held = await made(store, "load", writes=("raw",))
            await held.turn(tasks_created=(task(held.run, "train"),))
            return [(one.name, one.attempts) for one in (await store.run_view(held.run.id)).tasks]

        assert run_async(story()) == [("load", 1), ("train", 0)]

    def test_a_run_shows_what_its_working_tasks_put_out(self, store: PageStores) -> None:
        async def story() -> tuple[list[tuple[str, str, str]], int]:
            held = await made(store, "load", writes=("raw", "other"))
            await held.turn(
                tasks_created=(msgspec.structs.replace(task(held.run, "dag"), kind=TaskKind.DAG),),
                links=(link(held.run, "dag", LinkKind.OUTPUT, "raw"),),
            )
            view = await store.run_view(held.run.id)
            return [(one.artifact_id, one.task, one.port) for one in view.outputs], view.last_seq

        assert run_async(story()) == ([("raw", "root/load", "out0"), ("other", "root/load", "out1")], 1)

    def test_a_retried_run_shows_what_kept_tasks_had_put_out(self, store: PageStores) -> None:
        async def story() -> list[tuple[str, str]]:
            held = await retried(store)
            await execute(held, "train", reads=("scores",), writes=("model",))
            return [(one.artifact_id, one.task) for one in (await store.run_view(held.run.id)).outputs]

        assert run_async(story()) == [("scores", "root/load"), ("model", "root/train")]

    def test_a_reused_task_names_who_lent_its_outputs(self, store: PageStores) -> None:
        async def story() -> list[Lender | None]:
            first = await made(store, "load", writes=("raw",))
            await first.ended(RuntimeState.SUCCEEDED)
            held = await claimed(store, new_run("run-0002", at=1))
            await store.commit([reuse(held.run, "load", held.token, of=first.run, writes=("raw",))])
            there = (await store.run_view(held.run.id)).tasks[0].lender
            await store.delete_run(first.run.id, by="ann", now=SOON)
            return [there, (await store.run_view(held.run.id)).tasks[0].lender]

        assert run_async(story()) == [
            Lender(run_name="attrition of run-0001", task_id=TaskId("run-0001-1-load")),
            None,
        ]

    def test_results_are_chosen_by_type_and_come_oldest_first(self, store: PageStores) -> None:
        async def story() -> list[list[tuple[str, str, str]]]:
            held = await made(store, "load", writes=("raw",))
            await scored(held, "evaluate", ("one", "two", "three"))
            found = [
                await store.run_results(held.run.id, ["system.Metrics"], limit=2),
                await store.run_results(held.run.id, ["system.HTML"], limit=2),
            ]
            return [[(one.artifact.id, one.port, one.task.name) for one in each] for each in found]

        assert run_async(story()) == [[("one", "out0", "evaluate"), ("two", "out1", "evaluate")], []]

    # -- one task -----------------------------------------------------------------------------------------------------

    def test_a_task_shows_its_attempts_and_artifacts(self, store: PageStores) -> None:
        async def story() -> tuple[Any, ...]:
            held = await made(store, "load", writes=("raw",))
            await execute(held, "train", reads=("raw",), writes=("model",))
            await held.turn(registrations=(registration("churn", "model"),))
            view = await store.task_view(held.run.id, TaskId("run-0001-1-train"))
            return (
                [one.number for one in view.attempts],
                view.attempts_of,
                sorted(view.artifacts),
                {id_: [one.name for one in versions] for id_, versions in view.versions.items()},
                view.origin,
            )

        assert run_async(story()) == ([1], "run-0001-1-train", ["model", "raw"], {"model": ["churn"]}, None)

    def test_a_task_shows_those_around_it_and_the_one_its_outcome_names(self, store: PageStores) -> None:
        async def story() -> list[str]:
            held = await made(store, "load", writes=("raw",))
            await held.turn(tasks_created=(task(held.run, "other"),))
            loop = msgspec.structs.replace(task(held.run, "loop"), kind=TaskKind.LOOP)
            inside = msgspec.structs.replace(
                task(
                    held.run,
                    "loop[2]/train",
                    state=RuntimeState.SKIPPED,
                    outcome=UpstreamUnavailable(task=key_of("load")),
                ),
                parent=loop.key,
            )
            await held.turn(tasks_created=(loop, inside))
            return sorted((await store.task_view(held.run.id, inside.id)).siblings)

        assert run_async(story()) == ["root/load", "root/loop", "root/loop[2]/train"]

    def test_a_reused_task_shows_the_execution_that_lent_its_outputs(self, store: PageStores) -> None:
        async def story() -> tuple[Any, ...]:
            first = await made(store, "load", writes=("raw",))
            held = await claimed(store, new_run("run-0002", at=1))
            await store.commit([reuse(held.run, "load", held.token, of=first.run, writes=("raw",))])
            view = await store.task_view(held.run.id, TaskId("run-0002-1-load"))
            return (view.origin and (view.origin.run_id, view.origin.key), view.attempts)

        assert run_async(story()) == (("run-0001", "root/load"), ())

    def test_a_kept_task_shows_the_attempts_of_the_generation_in_which_it_ended(self, store: PageStores) -> None:
        async def story() -> tuple[Any, ...]:
            held = await retried(store)
            view = await store.task_view(held.run.id, TaskId("run-0001-2-load"))
            return ([(one.generation, one.number) for one in view.attempts], view.attempts_of)

        assert run_async(story()) == ([(1, 1)], "run-0001-1-load")

    def test_a_task_shows_its_warnings(self, store: PageStores) -> None:
        async def story() -> tuple[str, ...]:
            held = await made(store, "load", writes=("raw",))
            told = (("load", "old"), ("train", "not mine"), ("load", "new"))
            await held.turn(
                events=tuple(
                    msgspec.structs.replace(
                        event(held.run, number, RunEventKind.WARNING, message=text), task=key_of(name)
                    )
                    for number, (name, text) in enumerate(told, start=2)
                )
            )
            return (await store.task_view(held.run.id, TaskId("run-0001-1-load"))).warnings

        assert run_async(story()) == ("old", "new")

    def test_a_task_of_another_run_is_not_found(self, store: PageStores) -> None:
        async def story() -> None:
            await made(store, "load", writes=("raw",))
            await store.create_run(new_run("run-0002", at=1))
            with pytest.raises(NotFoundError, match="run-0001-1-load"):
                await store.task_view(RunId("run-0002"), TaskId("run-0001-1-load"))

        run_async(story())

    # -- artifacts and lineage ----------------------------------------------------------------------------------------

    def test_an_artifact_shows_who_made_read_and_took_it_over(self, store: PageStores) -> None:
        async def story() -> list[tuple[bool, LinkKind, str, str]]:
            first = await made(store, "load", writes=("raw",))
            await execute(first, "train", reads=("raw",))
            held = await claimed(store, new_run("run-0002", at=1))
            await store.commit([reuse(held.run, "load", held.token, of=first.run, writes=("raw",))])
            uses = (await store.artifact_view(ArtifactId("raw"))).uses
            return [(use.made, use.kind, use.task.run_id, use.task.key) for use in uses]

        assert run_async(story()) == [
            (False, LinkKind.OUTPUT, "run-0002", "root/load"),
            (False, LinkKind.INPUT, "run-0001", "root/train"),
            (True, LinkKind.OUTPUT, "run-0001", "root/load"),
        ]

    def test_what_a_retry_kept_is_found_in_the_newest_generation(self, store: PageStores) -> None:
        async def story() -> list[tuple[str, str, int]]:
            await retried(store)
            uses = (await store.artifact_view(ArtifactId("scores"))).uses
            return [(use.task.id, use.task.current_id, use.task.generation) for use in uses]

        assert run_async(story()) == [("run-0001-1-load", "run-0001-2-load", 1)]

    def test_lineage_goes_both_ways_and_says_how_far(self, store: PageStores) -> None:
        async def story() -> tuple[dict[str, int], list[tuple[str, str]], bool]:
            held = await made(store, "load", writes=("raw",))
            await execute(held, "train", reads=("raw",), writes=("model",))
            second = await claimed(store, new_run("run-0002", at=1))
            await execute(second, "score", reads=("model",), writes=("scores",))
            view = await lineage(store, "model")
            return hops_of(view), arrows(view.uses), view.truncated

        assert run_async(story()) == (
            {"model": 0, "raw": -1, "scores": 1},
            [
                ("model", "run-0002-1-score"),
                ("raw", "run-0001-1-train"),
                ("run-0001-1-load", "raw"),
                ("run-0001-1-train", "model"),
                ("run-0002-1-score", "scores"),
            ],
            False,
        )

    def test_lineage_shows_who_reads_even_if_nothing_came_of_it(self, store: PageStores) -> None:
        async def story() -> list[tuple[str, str]]:
            held = await made(store, "load", writes=("raw",))
            await store.commit([execution(held.run, "train", held.token, reads=("raw",))[0]])
            return arrows((await lineage(store, "raw")).uses)

        assert run_async(story()) == [("raw", "run-0001-1-train"), ("run-0001-1-load", "raw")]

    def test_lineage_says_where_it_was_cut(self, store: PageStores) -> None:
        async def story() -> list[tuple[list[str], bool]]:
            held = await made(store, "t0", writes=("a0",))
            for index in range(1, 6):
                await execute(held, f"t{index}", reads=(f"a{index - 1}",), writes=(f"a{index}",))
            views = [
                await lineage(store, "a5", hops=2, downstream=False),
                await lineage(store, "a5", hops=6, downstream=False),
                await lineage(store, "a5", limit=4, downstream=False),
                await lineage(store, "a0", hops=1, upstream=False),
            ]
            return [(sorted(view.hops), view.truncated) for view in views]

        assert run_async(story()) == [
            (["a3", "a4", "a5"], True),
            ([f"a{index}" for index in range(6)], False),
            (["a4", "a5"], True),
            (["a0", "a1"], True),
        ]

    def test_a_cycle_of_lineage_ends(self, store: PageStores) -> None:
        async def story() -> dict[str, int]:
            held = await made(store, "one", writes=("a",))
            await execute(held, "two", reads=("a",), writes=("b",))
            # Nothing of ours writes this; a store must answer all the same.
            await held.turn(links=(link(held.run, "one", LinkKind.INPUT, "b"),))
            return hops_of(await lineage(store, "a"))

        assert sorted(run_async(story())) == ["a", "b"]

    def test_lineage_of_a_run_begins_at_all_it_put_out(self, store: PageStores) -> None:
        async def story() -> tuple[tuple[str, ...], dict[str, int]]:
            await made(store, "load", writes=("raw",))
            held = await claimed(store, new_run("run-0002", at=1))
            await execute(held, "train", reads=("raw",), writes=("model", "log"))
            view = await store.lineage_view(
                held.run.id, of_run=True, upstream=True, downstream=False, hops=5, limit=100
            )
            return view.focus, hops_of(view)

        assert run_async(story()) == (("model", "log"), {"model": 0, "log": 0, "raw": -1})

    def test_a_model_shows_where_it_came_from(self, store: PageStores) -> None:
        async def story() -> tuple[Any, ...]:
            held = await made(store, "load", writes=("raw",))
            await execute(held, "clean", reads=("raw",), writes=("cleaned",))
            await typed(held, "train", {"model": "system.Model"}, reads=("cleaned",))
            await held.turn(registrations=(registration("churn", "model"),))
            view = await store.model_view(NAMESPACE, "churn", limit=5)
            (found,) = view.versions
            return (
                view.version_count,
                found.artifact.id,
                found.producer and found.producer.key,
                [one.id for one in found.datasets],
            )

        assert run_async(story()) == (1, "model", "root/train", ["raw"])

    def test_a_model_shows_what_it_was_measured_by_through_its_copies(self, store: PageStores) -> None:
        async def story() -> list[str]:
            held = await claimed(store)
            for name in ("good", "bad"):
                await typed(held, f"train-{name}", {name: "system.Model", f"fit-{name}": "system.Metrics"}, digest=name)
                await typed(held, f"test-{name}", {f"test-{name}": "system.Metrics"}, reads=(name,))
            await typed(held, "choose", {"best": "system.Model"}, reads=("good", "bad"), digest="good")
            await held.turn(registrations=(registration("churn", "best"),))
            other = await claimed(store, new_run("run-0002", at=1))
            await typed(other, "test", {"elsewhere": "system.Metrics"}, reads=("best",))
            (found,) = (await store.model_view(NAMESPACE, "churn", limit=1)).versions
            return [one.id for one in found.metrics]

        assert run_async(story()) == ["fit-good", "test-good"]

    def test_models_are_listed_by_name_with_their_newest_version(self, store: PageStores) -> None:
        async def story() -> list[list[tuple[str, int, list[int]]]]:
            held = await made(store, "train", writes=("a", "b", "c"))
            for name, artifact_id in (("b", "a"), ("a", "b"), ("b", "c")):
                await held.turn(registrations=(registration(name, artifact_id),))
            found = [await store.model_views(NAMESPACE, limit=limit) for limit in (10, 1)]
            return [
                [(one.name, one.version_count, [each.version.version for each in one.versions]) for one in each]
                for each in found
            ]

        assert run_async(story()) == [[("a", 1, [1]), ("b", 2, [2])], [("a", 1, [1])]]

    # -- catalogue ----------------------------------------------------------------------------------------------------

    def test_a_pipeline_shows_its_newest_version_and_run(self, store: PageStores) -> None:
        async def story() -> list[tuple[str, int, str | None, str | None]]:
            await store.create_pipeline(pipeline("churn"), pipeline_version("v1"))
            await store.create_pipeline_version(pipeline_version("v2", at=1))
            await store.create_pipeline(pipeline("empty", at=1))
            for number in range(2):
                await store.create_run(of_pipeline(new_run(f"run-{number}", at=number)))
            page = await store.find_pipeline_summaries(NEWEST)
            found = [*page.items, await store.pipeline_summary(PipelineId("pipeline-churn"))]
            return [
                (
                    one.pipeline.name,
                    one.version_count,
                    one.latest.name if one.latest is not None else None,
                    one.last_run.id if one.last_run is not None else None,
                )
                for one in found
            ]

        churn = ("churn", 2, "v2", "run-1")

        assert run_async(story()) == [("empty", 0, None, None), churn, churn]

    def test_an_experiment_shows_how_many_runs_it_has_and_the_newest(self, store: PageStores) -> None:
        async def story() -> list[tuple[str, int, str | None]]:
            await store.create_experiment(experiment("churn", at=-1))
            await store.create_experiment(experiment("empty", at=1))
            for number in range(2):
                new = new_run(f"run-{number}", at=number, experiment_id=ExperimentId("experiment-churn"))
                await store.create_run(new)
            page = await store.find_experiment_summaries(NEWEST, namespace=NAMESPACE)
            return [
                (one.experiment.display_name, one.run_count, one.last_run.id if one.last_run is not None else None)
                for one in page.items
            ]

        assert run_async(story()) == [("empty", 0, None), ("churn", 2, "run-1")]

    # -- search -------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("CHURN", ("run-1", "run-0", "pipeline-churn", "churn-model", "experiment-churn", "churn-data")),
            ("run-1", ("run-1",)),
            ("churn-d", ("churn-data",)),
            ("of run-0", ("run-0",)),
            ("%", ()),
            ("_", ()),
            ("'; --", ()),
        ],
    )
    def test_a_search_finds_by_part_of_a_name_or_the_beginning_of_an_id(
        self, store: PageStores, text: str, found: tuple[str, ...]
    ) -> None:
        async def story() -> tuple[str, ...]:
            await store.create_experiment(experiment("churn"))
            await store.create_pipeline(pipeline("churn"))
            for number in range(2):
                await store.create_run(new_run(f"run-{number}", at=number, pipeline="churn"))
            held = await claimed(store, new_run("other", pipeline="x"))
            await execute(held, "train", writes=("churn-data",))
            await held.turn(registrations=(registration("churn-model", "churn-data"),))
            results = await store.search(text, namespace=NAMESPACE, limit=8)
            return (
                *(run.id for run in results.runs),
                *(one.id for one in results.pipelines),
                *(name for name, _ in results.models),
                *(one.id for one in results.experiments),
                *(one.id for one in results.artifacts),
            )

        assert run_async(story()) == found

    def test_a_search_gives_the_newest_of_its_namespace(self, store: PageStores) -> None:
        async def story() -> list[str]:
            for number in range(4):
                await store.create_run(new_run(f"run-{number}", at=number))
            await store.create_run(new_run("theirs", at=9, namespace="theirs"))
            return [one.id for one in (await store.search("attrition", namespace=NAMESPACE, limit=2)).runs]

        assert run_async(story()) == ["run-3", "run-2"]

    # -- nothing there ------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        "ask",
        [
            lambda store: store.run_view(RunId("absent")),
            lambda store: store.task_view(RunId("run-0001"), TaskId("absent")),
            lambda store: store.run_results(RunId("absent"), ["system.Metrics"], limit=1),
            lambda store: store.artifact_view(ArtifactId("absent")),
            lambda store: store.pipeline_summary(PipelineId("absent")),
            lambda store: store.lineage_view(
                RunId("absent"), of_run=True, upstream=True, downstream=True, hops=1, limit=1
            ),
            lambda store: store.lineage_view(
                ArtifactId("absent"), of_run=False, upstream=True, downstream=True, hops=1, limit=1
            ),
        ],
    )
    def test_what_is_not_there_is_not_found(
        self, store: PageStores, ask: Callable[[PageStores], Awaitable[object]]
    ) -> None:
        async def story() -> None:
            await store.create_run(new_run())
            with pytest.raises(NotFoundError, match="absent"):
                await ask(store)

        run_async(story())


async def summary(store: PageStores, run_id: str = "run-0001") -> RunSummary:
    """What a list shows of a run."""
    return next(one for one in (await store.find_run_summaries(NEWEST)).items if one.run.id == run_id)


async def lineage(
    store: PageStores,
    artifact_id: str,
    *,
    hops: int = 10,
    limit: int = 100,
    upstream: bool = True,
    downstream: bool = True,
) -> LineageView:
    """Lineage of an artifact."""
    return await store.lineage_view(
        ArtifactId(artifact_id), of_run=False, upstream=upstream, downstream=downstream, hops=hops, limit=limit
    )


def hops_of(view: LineageView) -> dict[str, int]:
    """Distance by artifact."""
    return {str(id_): count for id_, count in view.hops.items()}


def arrows(uses: Iterable[ArtifactUse]) -> list[tuple[str, str]]:
    """From where to where, by ids."""
    return sorted(
        (use.task.id, use.artifact_id) if use.kind is LinkKind.OUTPUT else (use.artifact_id, use.task.id)
        for use in uses
    )


def of_pipeline(new: NewRun, version: str = "v1") -> NewRun:
    """The run as one of a registered pipeline."""
    run = msgspec.structs.replace(
        new.run,
        pipeline_id=PipelineId("pipeline-churn"),
        pipeline_version_id=PipelineVersionId(f"version-churn-{version}"),
    )
    return msgspec.structs.replace(new, run=run)


async def typed(
    held: Held, name: str, writes: dict[str, str], *, reads: Iterable[str] = (), digest: str | None = None
) -> None:
    """Run a task that makes artifacts of some types, all with one digest."""
    start, finish = execution(held.run, name, held.token, reads=reads, writes=writes)
    of_type: tuple[Artifact, ...] = tuple(
        msgspec.structs.replace(artifact(id_), type=type_, digest=digest) for id_, type_ in writes.items()
    )
    await held.store.commit([start, msgspec.structs.replace(finish, artifacts=of_type)])


async def scored(held: Held, name: str, writes: Iterable[str]) -> None:
    """Run a task that makes metrics."""
    await typed(held, name, dict.fromkeys(writes, "system.Metrics"))


async def retried(store: PageStores) -> Held:
    """A run whose task ``load`` made the metrics ``scores``, failed, and was retried: the task is kept."""
    held = await claimed(store)
    await scored(held, "load", ("scores",))
    await held.ended()
    return await opened_again(held)


async def opened_again(held: Held) -> Held:
    """The next generation of a run that ended, with its first task kept."""
    done = (await held.store.tasks(held.run.id))[0]
    run = await held.store.open_generation(held.run.id, seen=1, kept=[kept(done)], by="ann", now=SOON)
    owner = await held.store.open_owner("second")
    await held.store.claim_runs(owner, limit=100)
    return Held(held.store, run, owner.token)


def kept(done: TaskRecord) -> TaskRecord:
    """The first row of the next generation."""
    assert isinstance(done.outcome, Succeeded | Reused)
    return msgspec.structs.replace(
        done,
        generation=2,
        id=TaskId(f"{done.run_id}-2-{done.name}"),
        state=RuntimeState.SKIPPED,
        outcome=Kept(generation=1),
    )
