"""Artifacts, their uses and their lineage as pages show them."""

from __future__ import annotations

from wherry.api.pages.lineage import LineageArtifact, LineageLink, LineageTask
from wherry.model.artifacts import LinkKind, ModelVersion
from wherry.model.identity import ArtifactId, RunId, TaskId, TaskKey
from wherry.model.pages import ArtifactUse, ArtifactView, LineageView, TaskPlace
from wherry.model.runs import TaskKind
from wherry.model.states import RuntimeState
from wherry.server.presentation.artifact_pages import SHOWN, brief, detail, lineage, page
from wherry.testing.records import NAMESPACE, SOON, artifact


def place(name: str, *, reused: bool = False, state: RuntimeState = RuntimeState.SUCCEEDED) -> TaskPlace:
    return TaskPlace(
        id=TaskId(f"task {name}"),
        current_id=TaskId(f"newest {name}"),
        generation=1,
        key=TaskKey(f"root/{name}"),
        display_name=name,
        kind=TaskKind.RUNTIME,
        state=state,
        reused=reused,
        ended_at=SOON,
        run_id=RunId("r"),
        run_name="run",
        pipeline="demo",
    )


def use(of: str, kind: LinkKind, by: TaskPlace) -> ArtifactUse:
    return ArtifactUse(artifact_id=ArtifactId(of), kind=kind, port="port", task=by)


def test_long_values_are_left_to_the_page_of_the_artifact() -> None:
    curves = artifact("a", rows=3, curve=[0.1] * 1000, text="x" * 2000, flag=True)

    assert (sorted(brief(curves).metadata), sorted(detail(curves).metadata)) == (
        ["flag", "rows"],
        ["curve", "flag", "rows", "text"],
    )


def test_an_artifact_links_to_tasks_as_the_page_of_their_run_has_them() -> None:
    uses = (
        use("a", LinkKind.OUTPUT, place("again", reused=True, state=RuntimeState.SKIPPED)),
        use("a", LinkKind.INPUT, place("train")),
        use("a", LinkKind.OUTPUT, place("load")),
    )

    shown = page(ArtifactView(artifact=artifact("a"), versions=(), uses=uses, truncated=False), can_download=True)

    assert shown.producer is not None
    assert shown.producer.task.id == "newest load"
    assert [one.task.id for one in shown.consumers] == ["newest train"]
    assert [one.task.id for one in shown.reused_by] == ["newest again"]
    assert shown.download_url == "apis/v2beta1/artifacts/a/download"


def test_an_artifact_that_many_read_says_that_there_are_more() -> None:
    uses = tuple(use("a", LinkKind.INPUT, place(f"t{number}")) for number in range(SHOWN + 1))

    shown = page(ArtifactView(artifact=artifact("a"), versions=(), uses=uses, truncated=False), can_download=False)

    assert (len(shown.consumers), shown.truncated, shown.download_url) == (SHOWN, True, None)


def test_lineage_is_artifacts_and_executions_nearest_first() -> None:
    version = ModelVersion(
        namespace=NAMESPACE, name="churn", version=2, artifact_id=ArtifactId("model"), created_at=SOON, created_by="ann"
    )
    view = LineageView(
        focus=(ArtifactId("model"),),
        artifacts={ArtifactId(name): artifact(name) for name in ("model", "raw")},
        hops={ArtifactId("model"): 0, ArtifactId("raw"): -1},
        versions={ArtifactId("model"): (version,)},
        uses=(
            use("model", LinkKind.OUTPUT, place("train")),
            use("raw", LinkKind.INPUT, place("train")),
            use("raw", LinkKind.OUTPUT, place("load")),
            use("model", LinkKind.INPUT, place("score", state=RuntimeState.RUNNING)),
        ),
        truncated=True,
    )

    shown = lineage(view)

    assert [(node.id, node.hops) for node in shown.nodes] == [
        ("model", 0),
        ("task train", 0),
        ("raw", -1),
        ("task load", -1),
        ("task score", 1),
    ]
    (model,) = [node for node in shown.nodes if node.id == "model"]
    assert isinstance(model, LineageArtifact)
    assert [(one.name, one.version) for one in model.artifact.models] == [("churn", 2)]
    assert {type(node) for node in shown.nodes} == {LineageArtifact, LineageTask}
    assert shown.edges == [
        LineageLink(source_id="task train", target_id="model", port="port"),
        LineageLink(source_id="raw", target_id="task train", port="port"),
        LineageLink(source_id="task load", target_id="raw", port="port"),
        LineageLink(source_id="model", target_id="task score", port="port"),
    ]
    assert shown.truncated
