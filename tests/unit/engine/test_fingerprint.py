from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from wherry.engine.fingerprint import (
    AwaitDigests,
    Fingerprint,
    Hit,
    Miss,
    choose,
    explain_miss,
    fingerprint,
    fixed_parts,
    full_key,
)
from wherry.engine.planning import plan_run
from wherry.ir.spec import ContainerSpec, EnvVar
from wherry.model.artifacts import Artifact
from wherry.model.identity import ArtifactId, RunId, TaskKey
from wherry.model.runs import ArtifactInput, CacheEntry, TaskInputs
from wherry.testing.engine_room import normalise
from wherry.testing.pipelines import pipeline, run_of, task
from wherry.testing.records import artifact, entry

RUN = run_of(pipeline(task("t"))).run


def base(
    inputs: TaskInputs | None = None, artifacts: dict[ArtifactId, Artifact] | None = None, **fields: Any
) -> Fingerprint:
    plan = plan_run(pipeline(task("t", **fields))).root.tasks[0]
    return fingerprint(fixed_parts(plan, pipeline="p", normalise=normalise), inputs or TaskInputs(), artifacts or {})


def reads(*ids: str) -> dict[str, ArtifactInput]:
    return {"d": ArtifactInput(artifact_ids=tuple(ArtifactId(one) for one in ids))}


def lent(name: str, *ids: str) -> CacheEntry:
    return msgspec.structs.replace(entry(RUN, name), artifact_inputs=reads(*ids))


def known(**digests: str | None) -> dict[ArtifactId, Artifact]:
    return {ArtifactId(one): msgspec.structs.replace(artifact(one), digest=digest) for one, digest in digests.items()}


def needs(*ids: str) -> Fingerprint:
    return Fingerprint(base_key="k", parts={}, inputs=reads(*ids))


def test_equal_tasks_have_equal_keys_and_the_format_is_named() -> None:
    assert base() == base()
    assert base().base_key.startswith("f1:")


def test_every_part_changes_the_key() -> None:
    keys = {
        base().base_key,
        base(TaskInputs(parameters={"x": 1})).base_key,
        base(TaskInputs(parameters={"x": "1"})).base_key,
        base(makes=["o"]).base_key,
        base(makes_artifacts=["o"]).base_key,
        base(container=ContainerSpec(image="python:3.12", command=("run", "t"), args=("{{$}}",))).base_key,
        base(container=ContainerSpec(image="python:3.11", env=(EnvVar(name="A", value="1"),))).base_key,
        base(container=ContainerSpec(image="python:3.11", env=(EnvVar(name="A", value="2"),))).base_key,
        base(cache_key="k").base_key,
    }

    assert len(keys) == 9


def test_an_ignored_variable_does_not_matter() -> None:
    def key(value: str) -> dict[str, str]:
        container = ContainerSpec(image="i", env=(EnvVar(name="A", value=value),))
        plan = plan_run(pipeline(task("t", container=container))).root.tasks[0]
        return fixed_parts(plan, pipeline="p", normalise=normalise, ignore_env=frozenset({"A"})).parts

    assert key("1") == key("2")


def test_the_order_of_parameters_does_not_matter() -> None:
    one = base(TaskInputs(parameters={"x": 1, "y": {"a": 1, "b": 2}}))

    assert one.base_key == base(TaskInputs(parameters={"y": {"b": 2, "a": 1}, "x": 1})).base_key


@given(
    st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=4),
    st.dictionaries(st.text(min_size=1, max_size=5), st.text(max_size=5), max_size=4),
)
def test_different_parameters_have_different_keys(one: dict[str, str], other: dict[str, str]) -> None:
    same = base(TaskInputs(parameters=one)).base_key == base(TaskInputs(parameters=other)).base_key

    assert same is (one == other)


def test_the_full_key_covers_contents_where_they_are_known() -> None:
    plain, again = known(a="sha256:1"), known(b="sha256:1")

    assert full_key(needs("a"), plain) == full_key(needs("b"), again)
    assert full_key(needs("a"), known(a=None)) != full_key(needs("b"), known(b=None))


# -- choosing ---------------------------------------------------------------------------------------------------------


def test_without_artifact_inputs_the_newest_candidate_is_taken() -> None:
    newest, older = entry(RUN, "a"), entry(RUN, "b")
    nothing = Fingerprint(base_key="k", parts={}, inputs={})

    assert choose(nothing, [newest, older], {}, {}, pending=frozenset()) == Hit((newest, older))


def test_the_very_same_artifact_matches_without_a_digest() -> None:
    same = lent("a", "x")

    assert choose(needs("x"), [same], known(x=None), known(x=None), pending=frozenset()) == Hit((same,))


def test_equal_content_matches() -> None:
    alike = lent("a", "old")

    assert choose(needs("x"), [alike], known(x="sha256:1"), known(old="sha256:1"), pending=frozenset()) == Hit((alike,))


def test_other_content_is_a_miss_that_names_the_input() -> None:
    found = choose(needs("x"), [lent("a", "old")], known(x="sha256:1"), known(old="sha256:2"), pending=frozenset())

    assert found == Miss("input 'd' has other content than in run run-0001, task root/a")


def test_a_digest_on_its_way_is_waited_for() -> None:
    x = ArtifactId("x")
    found = choose(needs("x"), [lent("a", "old")], known(x=None), known(old="sha256:2"), pending=frozenset({x}))

    assert found == AwaitDigests(frozenset({x}))


def test_an_old_artifact_without_a_digest_is_a_miss_with_that_reason() -> None:
    found = choose(needs("x"), [lent("a", "old")], known(x="sha256:1"), known(old=None), pending=frozenset())

    assert found == Miss("the content of an input of run run-0001, task root/a, has no digest to compare")


def test_lists_of_other_lengths_do_not_match() -> None:
    found = choose(needs("x", "y"), [lent("a", "x")], known(x="1", y="2"), known(x="1"), pending=frozenset())

    assert isinstance(found, Miss)


# -- explaining -------------------------------------------------------------------------------------------------------


def test_a_miss_is_explained_by_the_parts_that_differ() -> None:
    earlier = msgspec.structs.replace(
        entry(RUN, "train"),
        run_id=RunId("r1"),
        task=TaskKey("root/train"),
        fingerprint_parts={"parameter.C": "0.1", "executor.source": "sha256:aa", "parameter.gone": "1"},
    )
    now = {"parameter.C": "0.5", "executor.source": "sha256:bb", "env.SEED": "7"}

    assert explain_miss(now, earlier) == (
        "env 'SEED' is new; source changed; parameter 'C' was 0.1 and is 0.5; parameter 'gone' is gone "
        "since run r1, task root/train"
    )


def test_a_first_execution_says_so() -> None:
    assert explain_miss({}, None) == "first execution of this component"
