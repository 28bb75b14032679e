"""Artifact classes: paths, URIs and the metadata keys that the UI and other tools read."""

from __future__ import annotations

import math

import pytest

from wherry.runtime.artifacts import (
    ARTIFACT_CLASSES,
    Artifact,
    ClassificationMetrics,
    Dataset,
    Metrics,
    Model,
    SlicedClassificationMetrics,
)
from wherry.runtime.uris import get_uri, set_task_root


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("gs://bucket/a/b", "/gcs/bucket/a/b"),
        ("s3://bucket/a", "/s3/bucket/a"),
        ("minio://bucket/a", "/minio/bucket/a"),
        ("oci://registry/team/model:1", "/oci/registry_team_model:1"),
        ("/state/artifacts/a", "/state/artifacts/a"),
        ("hdfs://name/a", "hdfs://name/a"),
        ("", ""),
    ],
)
def test_a_uri_has_a_path_in_the_task(uri: str, path: str) -> None:
    assert Artifact(uri=uri).path == path


def test_setting_the_path_changes_the_uri() -> None:
    dataset = Dataset(uri="s3://bucket/old")
    dataset.path = "/gcs/bucket/new"

    assert (dataset.uri, dataset.path) == ("gs://bucket/new", "/gcs/bucket/new")


def test_a_custom_path_wins_and_leaves_the_uri() -> None:
    dataset = Dataset(uri="s3://bucket/a")
    dataset.set_path("/scratch/a")

    assert (dataset.uri, dataset.path, dataset.custom_path) == ("s3://bucket/a", "/scratch/a", "/scratch/a")


def test_an_artifact_in_the_workspace_lies_there() -> None:
    assert Artifact(uri="s3://b/a", metadata={"_kfp_workspace": True}).path == "/kfp-workspace/.artifacts/s3/b/a"


def test_a_model_in_an_image_lies_under_models() -> None:
    model = Model(uri="oci://registry/model:1")

    assert model.path == "/oci/registry_model:1/models"
    model.path = "/oci/registry_other:2/models"
    assert model.uri == "oci://registry/other:2"


def test_the_framework_of_a_model_is_metadata() -> None:
    model = Model()
    assert model.framework == ""
    model.framework = "scikit-learn"

    assert model.metadata == {"framework": "scikit-learn"}


def test_two_artifacts_never_share_metadata() -> None:
    first, second = Metrics(), Metrics()
    first.log_metric("accuracy", 0.9)

    assert (first.metadata, second.metadata) == ({"accuracy": 0.9}, {})


def test_classes_are_found_by_schema_title() -> None:
    assert sorted(ARTIFACT_CLASSES) == [
        "system.Artifact",
        "system.ClassificationMetrics",
        "system.Dataset",
        "system.HTML",
        "system.Markdown",
        "system.Metrics",
        "system.Model",
        "system.SlicedClassificationMetrics",
    ]
    assert all(cls.schema_version == "0.0.1" for cls in ARTIFACT_CLASSES.values())


# -- classification metrics --------------------------------------------------------------------------------------------


def test_a_roc_curve_is_kept_point_by_point() -> None:
    metrics = ClassificationMetrics()
    metrics.log_roc_curve(fpr=[0.0, 0.5], tpr=[0.1, 1.0], threshold=[0.9, 0.2])

    assert metrics.metadata == {
        "confidenceMetrics": [
            {"confidenceThreshold": 0.9, "recall": 0.1, "falsePositiveRate": 0.0},
            {"confidenceThreshold": 0.2, "recall": 1.0, "falsePositiveRate": 0.5},
        ]
    }


def test_an_infinite_threshold_becomes_a_number_above_all_others() -> None:
    metrics = ClassificationMetrics()
    metrics.log_roc_curve(fpr=[0.0, 0.5], tpr=[0.0, 1.0], threshold=[math.inf, 0.75])

    assert [point["confidenceThreshold"] for point in metrics.metadata["confidenceMetrics"]] == [1.75, 0.75]


def test_a_roc_curve_of_unequal_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="hold 1, 2 and 2 values"):
        ClassificationMetrics().log_roc_curve([0.0], [0.0, 1.0], [0.5, 0.1])


def test_a_confusion_matrix_is_kept_with_its_categories() -> None:
    metrics = ClassificationMetrics()
    metrics.log_confusion_matrix(["Stayed", "Left"], [[5, 1], [2, 7]])
    metrics.log_confusion_matrix_cell("Left", "Stayed", 3)

    assert metrics.metadata["confusionMatrix"] == {
        "annotationSpecs": [{"displayName": "Stayed"}, {"displayName": "Left"}],
        "rows": [{"row": [5, 1]}, {"row": [3, 7]}],
    }


def test_what_does_not_fit_the_confusion_matrix_is_refused() -> None:
    metrics = ClassificationMetrics()
    with pytest.raises(ValueError, match="no categories yet"):
        metrics.log_confusion_matrix_row("Left", [1, 2])
    metrics.set_confusion_matrix_categories(["Stayed", "Left"])

    with pytest.raises(ValueError, match="'Maybe' is no category"):
        metrics.log_confusion_matrix_cell("Maybe", "Left", 1)
    with pytest.raises(ValueError, match="holds 1 numbers; there are 2 categories"):
        metrics.log_confusion_matrix_row("Left", [1])
    with pytest.raises(ValueError, match="2 categories need 2 rows of 2"):
        metrics.log_confusion_matrix(["Stayed", "Left"], [[1, 2]])


def test_metrics_can_be_kept_for_each_slice() -> None:
    metrics = SlicedClassificationMetrics(metadata={"model": "v1"})
    metrics.log_roc_reading("young", 0.5, 0.9, 0.1)
    metrics.load_roc_readings("young", [[0.2, 1.0, 0.3]])
    metrics.load_confusion_matrix("old", ["no", "yes"], [[1, 2], [3, 4]])
    metrics.log_confusion_matrix_row("old", "no", [9, 9])
    metrics.log_confusion_matrix_cell("old", "yes", "no", 8)

    assert metrics.metadata == {
        "model": "v1",
        "evaluationSlices": [
            {
                "slice": "young",
                "sliceClassificationMetrics": {
                    "confidenceMetrics": [
                        {"confidenceThreshold": 0.5, "recall": 0.9, "falsePositiveRate": 0.1},
                        {"confidenceThreshold": 0.2, "recall": 1.0, "falsePositiveRate": 0.3},
                    ]
                },
            },
            {
                "slice": "old",
                "sliceClassificationMetrics": {
                    "confusionMatrix": {
                        "annotationSpecs": [{"displayName": "no"}, {"displayName": "yes"}],
                        "rows": [{"row": [9, 9]}, {"row": [8, 4]}],
                    }
                },
            },
        ],
    }


# -- the task's own root ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("in_a_task")
def test_a_uri_of_the_task_lies_under_its_root() -> None:
    set_task_root("/gcs/bucket/run/task")

    assert get_uri() == "gs://bucket/run/task/Output"
    assert get_uri("model") == "gs://bucket/run/task/model"


def test_outside_a_task_there_is_no_root() -> None:
    with pytest.raises(RuntimeError, match="outside a task"):
        get_uri()


@pytest.mark.usefixtures("in_a_task")
def test_a_root_that_no_store_knows_gives_no_uri() -> None:
    set_task_root("/tmp/kfp_outputs")  # noqa: S108  the name KFP chose

    with pytest.warns(RuntimeWarning, match="knows no URI"):
        assert get_uri() == ""
