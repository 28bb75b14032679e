from wherry.api.artifacts import Artifact
from wherry.api.dialect import EPOCH
from wherry.api.runs import Run, RuntimeConfig, RuntimeStatus
from wherry.api.status import Status
from wherry.api.tasks import InputOutputs, IOArtifact, PipelineTask, StatusMetadata
from wherry.cli import report
from wherry.cli.server_views import run_from_message, state_from_message, tasks_from_messages
from wherry.cli.views import FailureView, RunView
from wherry.model.identity import Micros
from wherry.model.states import RuntimeState

SECOND = 1_000_000


def test_a_run_of_kfp_has_its_start_from_its_history_and_no_end_before_it_ended() -> None:
    message = Run(
        run_id="r",
        display_name="n",
        state="RUNNING",
        created_at="1970-01-01T00:00:01Z",
        finished_at=EPOCH,
        runtime_config=RuntimeConfig(parameters={"a": 1}),
        state_history=(
            RuntimeStatus(state="PENDING"),
            RuntimeStatus(state="RUNNING", update_time="1970-01-01T00:00:02Z"),
        ),
    )

    assert run_from_message(message) == RunView(
        id="r",
        name="n",
        state=RuntimeState.RUNNING,
        created_at=Micros(SECOND),
        started_at=Micros(2 * SECOND),
        finished_at=None,
        parameters={"a": 1},
    )


def test_a_terminated_run_is_told_from_one_that_failed() -> None:
    states = [state_from_message(Run(state="FAILED", error=Status(code=code, message="m"))) for code in (1, 2)]

    assert states == [RuntimeState.CANCELED, RuntimeState.FAILED]


def test_tasks_of_kfp_are_named_by_their_place_and_tell_reuse_and_failure() -> None:
    metrics = Artifact(artifact_id="abcdefghij", type="Metric", uri="s3://b/m", metadata={"auc": 0.5})
    tasks = tasks_from_messages(
        [
            PipelineTask(type="ROOT", scope_path="root", state="FAILED"),
            PipelineTask(
                type="RUNTIME",
                scope_path="root.loop[1].train",
                state="CACHED",
                outputs=InputOutputs(artifacts=(IOArtifact(artifacts=(metrics,), artifact_key="m"),)),
            ),
            PipelineTask(
                type="RUNTIME", name="test", state="FAILED", status_metadata=StatusMetadata(message="no data\nat all")
            ),
        ]
    )

    assert [(task.label, task.word, task.why, task.failure) for task in tasks] == [
        ("loop[1]/train", "reused", "", None),
        ("test", "failed", "no data", FailureView(message="no data\nat all")),
    ]
    assert "loop[1]/train  auc     0.5" in report.metrics_table(tasks)
    assert "abcdefgh  Metrics  loop[1]/train.m  -     s3://b/m" in report.artifact_table(tasks)
