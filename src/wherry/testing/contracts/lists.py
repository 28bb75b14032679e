"""How every store filters, sorts and pages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from wherry.errors import FailedPreconditionError, InvalidArgumentError, NotFoundError
from wherry.model.artifacts import LinkKind
from wherry.model.identity import ROOT, ArtifactId, ExperimentId, Micros, RunId, TaskId
from wherry.model.listing import (
    Direction,
    KeysetPosition,
    ListQuery,
    Moment,
    Operation,
    Page,
    Predicate,
    PredicateValue,
)
from wherry.model.runs import RunEventKind, RunUpdate
from wherry.model.states import RuntimeState
from wherry.ports import NewRun
from wherry.testing.contracts.run_commits import Held, claimed, run_async
from wherry.testing.contracts.stores import Stores
from wherry.testing.records import (
    SOON,
    event,
    execution,
    experiment,
    key_of,
    new_run,
    pipeline,
    pipeline_version,
    task,
)

O = Operation  # noqa: E741  the tables below are read as a language
DESC = Direction.DESCENDING
BY_ANN: Any = {"by": "ann", "now": Micros(SOON + 1_000_000)}


def where(*predicates: tuple[str, Operation, PredicateValue], **query: Any) -> ListQuery:
    """A query for all of these."""
    filters = tuple(Predicate(key=key, operation=operation, value=value) for key, operation, value in predicates)
    return ListQuery(filters=filters, **query)


class ListsContract(ABC):
    """Subclass it, provide ``store``, and you have the full suite."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> Stores:
        """An empty store."""

    # -- runs ---------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("predicates", "found"),
        [
            ((), "1234"),
            ((("display_name", O.EQUALS, "Best run"),), "1"),
            ((("name", O.EQUALS, "Best run"),), "1"),
            ((("display_name", O.NOT_EQUALS, "Best run"),), "234"),
            ((("run_id", O.IN, ("run-2", "run-4", "run-9")),), "24"),
            ((("run_id", O.IN, ()),), ""),
            ((("display_name", O.IS_SUBSTRING, "RUN"),), "12"),
            ((("display_name", O.IS_SUBSTRING, "100%_"),), "3"),
            ((("display_name", O.IS_SUBSTRING, "%"),), "3"),
            ((("display_name", O.IS_SUBSTRING, "_"),), "3"),
            ((("display_name", O.IS_SUBSTRING, "!"),), "4"),
            ((("display_name", O.IS_SUBSTRING, ""),), "1234"),
            ((("display_name", O.EQUALS, "' OR 1=1 --"),), ""),
            ((("display_name", O.GREATER_THAN, "about 100%_"), ("display_name", O.LESS_THAN_EQUALS, "worst run")), "2"),
            ((("created_at", O.GREATER_THAN_EQUALS, Moment(Micros(SOON + 2_000_000))),), "34"),
            ((("created_at", O.LESS_THAN, SOON // 1_000_000 + 2),), "12"),
            ((("created_at", O.IN, (SOON // 1_000_000,)),), "1"),
            ((("finished_at", O.GREATER_THAN, 0),), "1"),
            ((("finished_at", O.EQUALS, Moment(Micros(0))),), "234"),
            ((("state", O.EQUALS, "FAILED"),), "1"),
            ((("status", O.IN, ("FAILED", "RUNNING")),), "1"),
            ((("storage_state", O.EQUALS, "ARCHIVED"),), "4"),
            ((("storage_state", O.NOT_EQUALS, "ARCHIVED"), ("state", O.EQUALS, "PENDING")), "23"),
            ((("experiment_id", O.EQUALS, "experiment-churn"),), "23"),
            ((("namespace", O.EQUALS, "theirs"),), ""),
            ((("recurring_run_id", O.EQUALS, "nightly"),), "2"),
            ((("description", O.IS_SUBSTRING, "ü"),), "3"),
            ((("description", O.IS_SUBSTRING, "Ü"),), ""),
        ],
    )
    def test_runs_are_filtered(self, store: Stores, predicates: Any, found: str) -> None:
        async def story() -> tuple[str, int]:
            await four_runs(store)
            page = await store.find_runs(where(*predicates))
            return ids_of(page), page.total_size

        assert run_async(story()) == (found, len(found))

    @pytest.mark.parametrize(
        ("sort_by", "order"),
        [
            ("", "1234"),
            ("created_at", "1234"),
            ("id", "1234"),
            ("display_name", "4132"),
            ("finished_at", "2341"),
            ("scheduled_at", "1234"),
            ("state", "1234"),
            ("storage_state", "4123"),
            ("experiment_id", "1423"),
            ("recurring_run_id", "1342"),
            ("description", "1243"),
            ("namespace", "1234"),
        ],
    )
    def test_runs_are_sorted_by_any_key_both_ways_page_by_page(self, store: Stores, sort_by: str, order: str) -> None:
        async def story() -> list[str]:
            await four_runs(store)
            return [
                await page_by_page(store.find_runs, ListQuery(sort_by=sort_by, direction=direction, page_size=size))
                for direction in Direction
                for size in (1, 3)
            ]

        backwards = order[::-1]
        assert run_async(story()) == [order, order, backwards, backwards]

    def test_pages_of_a_filtered_list_know_its_whole_size(self, store: Stores) -> None:
        async def story() -> list[Any]:
            await four_runs(store)
            query = where(("display_name", O.NOT_EQUALS, "Best run"), page_size=2)
            first = await store.find_runs(query)
            second = await store.find_runs(msgspec.structs.replace(query, after=first.next))
            return [(ids_of(page), page.total_size, page.next) for page in (first, second)]

        after = KeysetPosition(value=SOON + 2_000_000, id="run-3")
        assert run_async(story()) == [("23", 3, after), ("4", 3, None)]

    def test_a_page_begins_behind_the_last_one_though_that_is_gone(self, store: Stores) -> None:
        async def story() -> str:
            await four_runs(store)
            first = await store.find_runs(ListQuery(page_size=1))
            await store.delete_run(RunId("run-1"), **BY_ANN)
            return ids_of(await store.find_runs(ListQuery(page_size=2, after=first.next)))

        assert run_async(story()) == "23"

    def test_a_list_is_of_one_namespace_or_experiment_if_asked(self, store: Stores) -> None:
        async def story() -> list[Any]:
            await four_runs(store)
            await store.create_run(new_run("run-5", namespace="theirs"))
            churn = ExperimentId("experiment-churn")
            query = ListQuery(direction=DESC)
            pages = [
                await store.find_runs(query, namespace="theirs"),
                await store.find_runs(query, experiment_id=churn),
                await store.find_runs(query, experiment_id=churn, namespace="theirs"),
                await store.find_runs(where(("state", O.EQUALS, "PENDING"), sort_by="name"), experiment_id=churn),
            ]
            return [(ids_of(page), page.total_size) for page in pages]

        assert run_async(story()) == [("5", 1), ("32", 2), ("", 0), ("32", 2)]

    def test_a_page_has_20_items_unless_asked_and_never_more_than_200(self, store: Stores) -> None:
        async def story() -> list[int]:
            for number in range(201):
                await store.create_run(new_run(f"run-{number}"))
            return [len((await store.find_runs(ListQuery(page_size=size))).items) for size in (0, 7, 200, 1000)]

        assert run_async(story()) == [20, 7, 200, 200]

    @pytest.mark.parametrize(
        ("query", "message"),
        [
            (where(("x", O.EQUALS, "y")), 'no support for filtering on unrecognized field "x"'),
            (where(("spec_digest", O.EQUALS, "y")), 'no support for filtering on unrecognized field "spec_digest"'),
            (where(("tags.team", O.EQUALS, "y")), 'no support for filtering on unrecognized field "tags.team"'),
            (ListQuery(sort_by='id"; DROP TABLE runs'), r'Invalid sorting field: "id\"; DROP TABLE runs" on listable'),
            (where(("name", O.IN, "y")), "cannot use IN operator with scalar type"),
            (where(("name", O.EQUALS, ("y",))), "cannot use EQUALS with a list"),
            (where(("name", O.EQUALS, 3)), "cannot be compared with a number"),
            (where(("created_at", O.EQUALS, "2026")), "cannot be compared with text"),
            (where(("created_at", O.IS_SUBSTRING, 3)), "IS_SUBSTRING"),
            (where(("created_at", O.EQUALS, 1 << 62)), "64 bits"),
            (where(("name", O.EQUALS, "\ud800")), "a character that no text has"),
            (where(("name", O.IS_SUBSTRING, "x" * 5000)), "longer than"),
            (where(*[("name", O.EQUALS, "x")] * 101), "101 predicates"),
            (ListQuery(page_size=-1), "negative"),
            (ListQuery(after=KeysetPosition(value="x", id="y")), "sorted by something else"),
        ],
    )
    def test_a_query_that_makes_no_sense_is_an_error_that_says_why(
        self, store: Stores, query: ListQuery, message: str
    ) -> None:
        with pytest.raises(InvalidArgumentError) as caught:
            run_async(store.find_runs(query))
        assert message.replace(r"\"", '"') in caught.value.message

    # -- a run's history and end --------------------------------------------------------------------------------------

    def test_the_state_history_of_a_run_goes_over_its_generations(self, store: Stores) -> None:
        async def story() -> Any:
            held = await claimed(store)
            start = event(held.run, 2, RunEventKind.RUN_STARTED)
            await held.turn(run=RunUpdate(state=RuntimeState.RUNNING), events=(start,))
            stop = event(held.run, 3, RunEventKind.RUN_CANCELING)
            note = event(held.run, 4, RunEventKind.WARNING)
            over = event(held.run, 5, RunEventKind.RUN_ENDED, state="FAILED", error="no data")
            ended = RunUpdate(state=RuntimeState.FAILED, finished_at=SOON)
            await held.turn(run=ended, events=(stop, note, over))
            await store.open_generation(held.run.id, seen=1, kept=[], by="bob", now=SOON)
            await store.create_run(new_run("run-2"))
            history = await store.state_history([held.run.id, RunId("run-2"), RunId("absent")])
            return {run_id: [(each.state.value, each.error) for each in changes] for run_id, changes in history.items()}

        words = ["PENDING", "RUNNING", "CANCELING", "FAILED", "PENDING"]
        first = [(word, "no data" if word == "FAILED" else "") for word in words]
        assert run_async(story()) == {"run-0001": first, "run-2": [("PENDING", "")]}

    def test_a_run_that_is_deleted_takes_all_along_but_its_artifacts(self, store: Stores) -> None:
        async def story() -> Any:
            held, _ = await two_tasks(store)
            await held.ended()
            await store.delete_run(held.run.id, **BY_ANN)
            for gone in (store.get_run(held.run.id), store.get_task(TaskId("run-0001-1-load"))):
                with pytest.raises(NotFoundError):
                    await gone
            links = await store.find_links(ListQuery())
            artifacts = await store.find_artifacts(ListQuery())
            return await store.events(held.run.id), links.total_size, artifacts.total_size

        assert run_async(story()) == ((), 0, 2)

    def test_a_run_under_way_is_not_deleted(self, store: Stores) -> None:
        async def story() -> Any:
            held = await claimed(store)
            with pytest.raises(FailedPreconditionError, match="PENDING"):
                await store.delete_run(held.run.id, **BY_ANN)
            return (await store.get_run(held.run.id)).id

        assert run_async(story()) == "run-0001"

    def test_a_key_is_free_again_when_its_run_is_deleted(self, store: Stores) -> None:
        async def story() -> Any:
            held = await claimed(store, new_run("run-1", key="k"))
            await held.ended()
            await store.delete_run(held.run.id, **BY_ANN)
            return (await store.create_run(new_run("run-2", key="k"))).id

        assert run_async(story()) == "run-2"

    # -- experiments, pipelines, versions -----------------------------------------------------------------------------

    def test_experiments_are_filtered_and_sorted(self, store: Stores) -> None:
        async def story() -> list[Any]:
            for number, (name, namespace) in enumerate((("b", ""), ("a", ""), ("c", "theirs")), start=1):
                await store.create_experiment(experiment(name, namespace=namespace, at=number))
            await store.create_run(new_run(namespace="theirs", experiment_id=ExperimentId("experiment-c")))
            pages = [
                await store.find_experiments(ListQuery()),
                await store.find_experiments(ListQuery(sort_by="name"), namespace=""),
                await store.find_experiments(ListQuery(sort_by="last_run_created_at", direction=DESC, page_size=1)),
                await store.find_experiments(where(("display_name", O.EQUALS, "c"))),
            ]
            return [[each.display_name for each in page.items] for page in pages]

        assert run_async(story()) == [["b", "a", "c"], ["a", "b"], ["c"], ["c"]]

    def test_pipelines_and_versions_are_filtered_by_tags(self, store: Stores) -> None:
        async def story() -> list[Any]:
            for number, tags in enumerate(({"team": "risk", "tier": "1"}, {"team": "risk"}, {"tier": "risk"})):
                await store.create_pipeline(pipeline(f"p{number}", at=number, tags=tags))
                await store.create_pipeline_version(pipeline_version(f"v{number}", of="p0", at=number, tags=tags))
            found = []
            for keys in ((("tags.team", "risk"),), (("tags.team", "risk"), ("tags.tier", "1")), (("tags.x", ""),)):
                query = where(*[(key, O.EQUALS, value) for key, value in keys], page_size=5)
                pipelines = await store.find_pipelines(query)
                versions = await store.find_pipeline_versions(pipeline("p0").id, query)
                found.append([each.name for page in (pipelines, versions) for each in page.items])
            return found

        assert run_async(story()) == [["p0", "p1", "v0", "v1"], ["p0", "v0"], []]

    @pytest.mark.parametrize(("operation", "value"), [(O.NOT_EQUALS, "x"), (O.EQUALS, 3), (O.IN, ("x",))])
    def test_tags_are_compared_for_equality_only(self, store: Stores, operation: Operation, value: Any) -> None:
        with pytest.raises(InvalidArgumentError, match=r'"tags\.team" takes EQUALS'):
            run_async(store.find_pipelines(where(("tags.team", operation, value))))

    def test_pipelines_are_listed_in_a_namespace_page_by_page_with_their_tags(self, store: Stores) -> None:
        async def story() -> list[Any]:
            for number, namespace in enumerate(("", "", "theirs")):
                made = pipeline(f"p{number}", namespace=namespace, at=-number, tags={"n": str(number)})
                await store.create_pipeline(made)
            first = await store.find_pipelines(ListQuery(page_size=1), namespace="")
            rest = await store.find_pipelines(ListQuery(page_size=1, after=first.next), namespace="")
            return [(page.items[0].tags["n"], page.total_size, page.next is None) for page in (first, rest)]

        assert run_async(story()) == [("1", 2, False), ("0", 2, True)]

    def test_versions_are_listed_of_one_pipeline_newest_first_if_asked(self, store: Stores) -> None:
        async def story() -> list[str]:
            for name in ("churn", "other"):
                await store.create_pipeline(pipeline(name))
                for number in (1, 2):
                    await store.create_pipeline_version(pipeline_version(f"v{number}", of=name, at=number))
            page = await store.find_pipeline_versions(pipeline().id, ListQuery(direction=DESC))
            return [each.id for each in page.items]

        assert run_async(story()) == ["version-churn-v2", "version-churn-v1"]

    # -- tasks, artifacts, links --------------------------------------------------------------------------------------

    def test_tasks_of_a_run_are_listed_by_parent(self, store: Stores) -> None:
        async def story() -> list[Any]:
            held = await claimed(store)
            root = msgspec.structs.replace(
                task(held.run, "x"), key=ROOT, id=TaskId("the-root"), parent=None, name="root"
            )
            await held.turn(tasks_created=(root, task(held.run, "b"), task(held.run, "a")))
            of_root = await store.find_tasks(held.run.id, ListQuery(sort_by="name", page_size=1), parent_id=root.id)
            rest = await store.find_tasks(held.run.id, ListQuery(sort_by="name", after=of_root.next), parent_id=root.id)
            named = await store.find_tasks(held.run.id, where(("display_name", O.EQUALS, "A")))
            with pytest.raises(NotFoundError, match="absent"):
                await store.find_tasks(held.run.id, ListQuery(), parent_id=TaskId("absent"))
            with pytest.raises(NotFoundError, match="absent"):
                await store.find_tasks(RunId("absent"), ListQuery())
            pages = [[each.name for each in page.items] for page in (of_root, rest, named)]
            return [pages, of_root.total_size, (await store.get_task(root.id)).key]

        assert run_async(story()) == [[["a"], ["b"], ["a"]], 2, ROOT]

    def test_tasks_are_those_of_the_newest_generation_unless_said(self, store: Stores) -> None:
        async def story() -> list[int]:
            held, _ = await two_tasks(store)
            await held.ended()
            await store.open_generation(held.run.id, seen=1, kept=[], by="bob", now=SOON)
            newest = await store.find_tasks(held.run.id, ListQuery())
            first = await store.find_tasks(held.run.id, ListQuery(), generation=1)
            return [newest.total_size, first.total_size]

        assert run_async(story()) == [0, 2]

    def test_artifacts_are_filtered_by_type_and_name(self, store: Stores) -> None:
        async def story() -> list[Any]:
            await two_tasks(store)
            queries = [
                ListQuery(sort_by="name", direction=DESC),
                where(("type", O.EQUALS, "system.Dataset"), ("name", O.IS_SUBSTRING, "ta")),
                where(("type", O.EQUALS, "system.Model")),
            ]
            pages = [await store.find_artifacts(query) for query in queries]
            pages.append(await store.find_artifacts(ListQuery(), namespace="theirs"))
            return [[each.id for each in page.items] for page in pages]

        assert run_async(story()) == [["model", "data"], ["data"], [], []]

    def test_links_are_listed_by_task_run_artifact_and_kind(self, store: Stores) -> None:
        async def story() -> list[Any]:
            held, ids = await two_tasks(store)
            scopes: list[dict[str, Any]] = [
                {},
                {"task_ids": [ids["train"]]},
                {"artifact_ids": [ArtifactId("data")]},
                {"artifact_ids": [ArtifactId("data")], "kind": LinkKind.INPUT},
                {"run_ids": [held.run.id], "task_ids": [ids["load"]]},
                {"run_ids": [RunId("absent")]},
            ]
            pages = [await store.find_links(ListQuery(), **scope) for scope in scopes]
            names: dict[str | None, str] = {id_: name for name, id_ in ids.items()}
            return [
                [(names[each.task_id], each.link.kind.value, each.link.artifact_id) for each in page.items]
                for page in pages
            ]

        loaded, read, made = ("load", "OUTPUT", "data"), ("train", "INPUT", "data"), ("train", "OUTPUT", "model")
        assert run_async(story()) == [[loaded, read, made], [read, made], [loaded, read], [read], [loaded], []]

    def test_links_are_listed_page_by_page_both_ways(self, store: Stores) -> None:
        async def story() -> list[Any]:
            await two_tasks(store)
            found = []
            for direction in Direction:
                query: ListQuery | None = ListQuery(direction=direction, page_size=2)
                numbers: list[int] = []
                while query is not None:
                    page = await store.find_links(query)
                    numbers += [each.n for each in page.items]
                    query = msgspec.structs.replace(query, after=page.next) if page.next else None
                found.append(numbers)
            return found

        assert run_async(story()) == [[1, 2, 3], [3, 2, 1]]


async def four_runs(store: Stores) -> None:
    """Runs 1 to 4, a second apart: 1 failed, 2 and 3 are of an experiment, 4 is archived."""
    await store.create_experiment(experiment())
    for number, name in enumerate(("Best run", "worst run", "about 100%_", "!"), start=1):
        record = new_run(f"run-{number}", at=(number - 1) * 1_000_000).run
        changes: dict[str, Any] = {"display_name": name}
        if number in {2, 3}:
            changes["experiment_id"] = ExperimentId("experiment-churn")
        changes |= {2: {"recurring_run_id": "nightly"}, 3: {"description": "grün"}, 4: {"description": "blau"}}.get(
            number, {}
        )
        await store.create_run(NewRun(run=msgspec.structs.replace(record, **changes), spec=b"spec"))
        if number == 1:
            owner = await store.open_owner("engine")
            await store.claim_runs(owner, limit=1)
            await Held(store, record, owner.token).ended()
    await store.archive_run(RunId("run-4"), **BY_ANN)


async def two_tasks(store: Stores) -> tuple[Held, dict[str, TaskId]]:
    """A run that loads data and trains a model on it; the ids of its tasks by name."""
    held = await claimed(store)
    for name, reads, writes in (("load", (), ("data",)), ("train", ("data",), ("model",))):
        await store.commit(execution(held.run, name, held.token, reads=reads, writes=writes))
    ids = {each.name: each.id for each in await store.tasks(held.run.id)}
    assert {each.key for each in await store.tasks(held.run.id)} == {key_of(name) for name in ids}
    return held, ids


async def page_by_page(find: Callable[[ListQuery], Awaitable[Page[Any]]], query: ListQuery) -> str:
    """Ends of the ids of a whole list."""
    found = ""
    while True:
        page = await find(query)
        found += ids_of(page)
        if page.next is None:
            return found
        query = msgspec.structs.replace(query, after=page.next)


def ids_of(page: Page[Any]) -> str:
    """The last character of each id."""
    return "".join(each.id[-1] for each in page.items)
