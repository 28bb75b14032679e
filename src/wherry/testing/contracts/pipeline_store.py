"""What every store of registered pipelines does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import msgspec
import pytest

from wherry.errors import AlreadyExistsError, FailedPreconditionError, NotFoundError
from wherry.model.identity import Micros, PipelineId, PipelineVersionId, RunId
from wherry.model.listing import ListQuery
from wherry.model.pipelines import DeletePolicy, PipelineUpdate
from wherry.testing.contracts.run_commits import claimed, run_async
from wherry.testing.contracts.stores import Stores
from wherry.testing.records import NAMESPACE, SOON, new_run, pipeline, pipeline_version

BY_ANN: Any = {"by": "ann", "now": Micros(SOON + 1_000_000)}
CHURN = PipelineId("pipeline-churn")
V1, V2 = PipelineVersionId("version-churn-v1"), PipelineVersionId("version-churn-v2")


class PipelineStoreContract(ABC):
    """Subclass it, provide ``store``, and you have the full suite."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> Stores:
        """An empty store."""

    # -- registering --------------------------------------------------------------------------------------------------

    def test_a_pipeline_is_read_back_as_it_was_registered(self, store: Stores) -> None:
        wrote = pipeline(tags={"team": "risk", "tier": "1"})

        async def story() -> list[Any]:
            return [
                await store.create_pipeline(wrote),
                await store.get_pipeline(wrote.id),
                await store.get_pipeline_by_name(NAMESPACE, "churn"),
            ]

        assert run_async(story()) == [wrote] * 3

    def test_a_version_is_read_back_as_it_was_registered_with_its_spec(self, store: Stores) -> None:
        new = pipeline_version(tags={"git": "abc"}, spec=b"one")

        async def story() -> list[Any]:
            await store.create_pipeline(pipeline())
            wrote = await store.create_pipeline_version(new)
            return [wrote, await store.get_pipeline_version(V1), await store.spec(wrote.spec_digest)]

        assert run_async(story()) == [new.version, new.version, b"one"]

    def test_a_pipeline_and_its_first_version_are_registered_together_or_not_at_all(self, store: Stores) -> None:
        async def story() -> Any:
            await store.create_pipeline(pipeline("other"), pipeline_version(of="other"))
            taken = msgspec.structs.replace(pipeline_version().version, id=PipelineVersionId("version-other-v1"))
            with pytest.raises(AlreadyExistsError, match="version-other-v1"):
                await store.create_pipeline(pipeline(), msgspec.structs.replace(pipeline_version(), version=taken))
            await store.create_pipeline(pipeline(), pipeline_version())
            return (await store.latest_pipeline_version(CHURN)).id

        assert run_async(story()) == V1

    def test_a_name_is_taken_once_in_its_namespace(self, store: Stores) -> None:
        async def story() -> int:
            await store.create_pipeline(pipeline())
            theirs = msgspec.structs.replace(pipeline(namespace="theirs"), id=PipelineId("theirs"))
            await store.create_pipeline(theirs)
            with pytest.raises(AlreadyExistsError, match="'churn'"):
                await store.create_pipeline(msgspec.structs.replace(pipeline(), id=PipelineId("again")))
            return (await store.find_pipelines(ListQuery())).total_size

        assert run_async(story()) == 2

    def test_a_version_name_is_taken_once_in_its_pipeline(self, store: Stores) -> None:
        async def story() -> None:
            await store.create_pipeline(pipeline(), pipeline_version())
            await store.create_pipeline(pipeline("other"), pipeline_version(of="other"))
            again = msgspec.structs.replace(pipeline_version().version, id=PipelineVersionId("again"))
            with pytest.raises(AlreadyExistsError, match="'v1'"):
                await store.create_pipeline_version(msgspec.structs.replace(pipeline_version(), version=again))

        run_async(story())

    def test_an_id_is_taken_once(self, store: Stores) -> None:
        async def story() -> None:
            await store.create_pipeline(pipeline())
            with pytest.raises(AlreadyExistsError, match="pipeline-churn"):
                await store.create_pipeline(msgspec.structs.replace(pipeline("other"), id=CHURN))

        run_async(story())

    def test_a_version_needs_its_pipeline(self, store: Stores) -> None:
        with pytest.raises(NotFoundError, match="pipeline-churn"):
            run_async(store.create_pipeline_version(pipeline_version()))

    @pytest.mark.parametrize(
        ("what", "more"),
        [
            ("get_pipeline", ()),
            ("latest_pipeline_version", ()),
            ("update_pipeline", (PipelineUpdate(),)),
            ("delete_pipeline", (DeletePolicy.CASCADE,)),
            ("find_pipeline_versions", (ListQuery(),)),
            ("get_pipeline_version", ()),
            ("update_pipeline_version", (PipelineUpdate(),)),
            ("delete_pipeline_version", ()),
        ],
    )
    def test_what_does_not_exist_is_an_error_that_names_it(
        self, store: Stores, what: str, more: tuple[Any, ...]
    ) -> None:
        asked = BY_ANN if what.startswith(("update", "delete")) else {}
        with pytest.raises(NotFoundError, match="absent"):
            run_async(getattr(store, what)("absent", *more, **asked))

    def test_a_name_that_does_not_exist_is_an_error_that_names_it(self, store: Stores) -> None:
        async def story() -> None:
            await store.create_pipeline(pipeline())
            with pytest.raises(NotFoundError, match="'churn'"):
                await store.get_pipeline_by_name("theirs", "churn")

        run_async(story())

    # -- the latest version -------------------------------------------------------------------------------------------

    def test_the_latest_version_is_the_one_created_last(self, store: Stores) -> None:
        async def story() -> list[Any]:
            await store.create_pipeline(pipeline())
            with pytest.raises(NotFoundError, match="no version"):
                await store.latest_pipeline_version(CHURN)
            latest = []
            for name, at in (("b", 10), ("a", 20), ("old", 5), ("same", 20)):
                await store.create_pipeline_version(pipeline_version(name, at=at))
                latest.append((await store.latest_pipeline_version(CHURN)).name)
            return latest

        assert run_async(story()) == ["b", "a", "a", "same"]

    # -- changing -----------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("update", "after"),
        [
            (PipelineUpdate(), ("first", {"a": "1"})),
            (PipelineUpdate(display_name="Other"), ("Other", {"a": "1"})),
            (PipelineUpdate(tags={"b": "2"}), ("first", {"b": "2"})),
            (PipelineUpdate(tags={}), ("first", {})),
        ],
        ids=["nothing", "name", "tags", "no tags"],
    )
    def test_only_what_is_given_changes(
        self, store: Stores, update: PipelineUpdate, after: tuple[str, dict[str, str]]
    ) -> None:
        async def story() -> list[Any]:
            named: Any = {"display_name": "first", "tags": {"a": "1"}}
            version = pipeline_version()
            version = msgspec.structs.replace(version, version=msgspec.structs.replace(version.version, **named))
            await store.create_pipeline(msgspec.structs.replace(pipeline(), **named), version)
            changed: list[Any] = [
                await store.update_pipeline(CHURN, update, **BY_ANN),
                await store.update_pipeline_version(V1, update, **BY_ANN),
            ]
            assert changed == [await store.get_pipeline(CHURN), await store.get_pipeline_version(V1)]
            return [(each.display_name, each.tags) for each in changed]

        assert run_async(story()) == [after, after]

    # -- forgetting ---------------------------------------------------------------------------------------------------

    def test_a_pipeline_with_versions_is_not_deleted_unless_they_go_with_it(self, store: Stores) -> None:
        async def story() -> None:
            await store.create_pipeline(pipeline(), pipeline_version())
            with pytest.raises(FailedPreconditionError, match="cascade=true"):
                await store.delete_pipeline(CHURN, DeletePolicy.REFUSE, **BY_ANN)
            await store.delete_pipeline(CHURN, DeletePolicy.CASCADE, **BY_ANN)
            for gone in (store.get_pipeline(CHURN), store.get_pipeline_version(V1)):
                with pytest.raises(NotFoundError):
                    await gone

        run_async(story())

    def test_a_pipeline_without_versions_is_deleted_and_its_name_is_free(self, store: Stores) -> None:
        async def story() -> Any:
            await store.create_pipeline(pipeline(tags={"a": "1"}), pipeline_version())
            await store.delete_pipeline_version(V1, **BY_ANN)
            await store.delete_pipeline(CHURN, DeletePolicy.REFUSE, **BY_ANN)
            await store.create_pipeline(pipeline())
            return (await store.get_pipeline(CHURN)).tags

        assert run_async(story()) == {}

    def test_a_spec_goes_with_the_last_that_names_it(self, store: Stores) -> None:
        async def story() -> list[Any]:
            await store.create_pipeline(pipeline(), pipeline_version("v1"))
            await store.create_pipeline_version(pipeline_version("v2"))
            held = await claimed(store, new_run())
            digest, there = held.run.spec_digest, []
            await held.ended()
            there.append(await store.spec(digest))
            await store.delete_pipeline_version(V1, **BY_ANN)
            there.append(await store.spec(digest))
            await store.delete_run(RunId("run-0001"), **BY_ANN)
            there.append(await store.spec(digest))
            await store.delete_pipeline(CHURN, DeletePolicy.CASCADE, **BY_ANN)
            with pytest.raises(NotFoundError, match=digest):
                await store.spec(digest)
            return there

        assert run_async(story()) == [b"spec"] * 3
