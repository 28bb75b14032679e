"""The artifact classes of KFP: what a component's function gets for an input or an output artifact.

An artifact is a name, a URI and metadata; its bytes lie at ``path``. The class is named by ``schema_title``, which
is what the IR and the database keep. Attributes, methods and metadata keys are those of ``kfp.dsl``.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Sequence
from typing import Any, ClassVar

from wherry.runtime.uris import WORKSPACE_MOUNT_PATH, path_of_uri, uri_of_path


class Artifact:
    """Any artifact that has no more exact class.

    Args:
        name: Resource name given by the service; for an output it may stay empty.
        uri: Where the bytes are: an object store URI, or an absolute path.
        metadata: What the component wants to be known about it: JSON values by name.
    """

    schema_title: ClassVar[str] = "system.Artifact"
    schema_version: ClassVar[str] = "0.0.1"

    def __init__(self, name: str | None = None, uri: str | None = None, metadata: dict[str, Any] | None = None) -> None:
        self.uri = uri or ""
        self.name = name or ""
        self.metadata: dict[str, Any] = metadata or {}
        #: Where the task wrote the bytes, if not at the path of ``uri``. Empty: at the path of ``uri``.
        self.custom_path = ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, uri={self.uri!r}, metadata={self.metadata!r})"

    @property
    def path(self) -> str:
        """The file or folder in this task that holds the bytes. Setting it changes ``uri``."""
        return self._local_path()

    @path.setter
    def path(self, path: str) -> None:
        self.uri = uri_of_path(path)

    def set_path(self, path: str) -> None:
        """Say that the bytes were written to ``path`` instead; the URI stays as it is."""
        self.custom_path = path

    def _local_path(self) -> str:
        path = self.custom_path or path_of_uri(self.uri)
        if self.metadata.get("_kfp_workspace") is True:
            return posixpath.join(WORKSPACE_MOUNT_PATH, ".artifacts", path.lstrip("/"))
        return path


class Model(Artifact):
    """A trained model."""

    schema_title = "system.Model"

    @property
    def framework(self) -> str:
        """What it was made with, such as ``scikit-learn``: the metadata key ``framework``."""
        return str(self.metadata.get("framework", ""))

    @framework.setter
    def framework(self, framework: str) -> None:
        self.metadata["framework"] = framework

    @property
    def path(self) -> str:
        """As for any artifact; in an OCI image the files lie under ``/models``, KServe's layout of model images."""
        path = self._local_path()
        return f"{path}/models" if self.uri.startswith("oci://") else path

    @path.setter
    def path(self, path: str) -> None:
        self.uri = uri_of_path(path)


class Dataset(Artifact):
    """A data set."""

    schema_title = "system.Dataset"


class HTML(Artifact):
    """A page to look at."""

    schema_title = "system.HTML"


class Markdown(Artifact):
    """A text to look at."""

    schema_title = "system.Markdown"


class Metrics(Artifact):
    """Numbers by name, kept in the metadata."""

    schema_title = "system.Metrics"

    def log_metric(self, metric: str, value: float) -> None:
        """Record one number under the name ``metric``; an earlier one of that name is replaced."""
        self.metadata[metric] = value


class ClassificationMetrics(Artifact):
    """A ROC curve and a confusion matrix, kept in the metadata under ``confidenceMetrics`` and ``confusionMatrix``."""

    schema_title = "system.ClassificationMetrics"

    def log_roc_data_point(self, fpr: float, tpr: float, threshold: float) -> None:
        """Add one point of the ROC curve.

        Args:
            fpr: False positive rate at ``threshold``, 0 to 1.
            tpr: True positive rate (recall) at ``threshold``, 0 to 1.
            threshold: Score from which a row counts as positive. Must be finite when the task ends.
        """
        self.metadata.setdefault("confidenceMetrics", []).append(
            {"confidenceThreshold": threshold, "recall": tpr, "falsePositiveRate": fpr}
        )

    def log_roc_curve(self, fpr: Sequence[float], tpr: Sequence[float], threshold: Sequence[float]) -> None:
        """Add a ROC curve point by point.

        Thresholds of infinity, with which scikit-learn starts a curve ("nothing is positive"), become the largest
        finite threshold plus one: JSON has no infinity.

        Raises:
            ValueError: the three are not equally long.
        """
        if not len(fpr) == len(tpr) == len(threshold):
            raise ValueError(
                "fpr, tpr and threshold of a ROC curve must be equally long, "
                f"but hold {len(fpr)}, {len(tpr)} and {len(threshold)} values."
            )
        above_all = max((float(t) for t in threshold if t != math.inf), default=0.0) + 1.0
        for false_positives, true_positives, at in zip(fpr, tpr, threshold):  # noqa: B905  Python 3.9 has no strict
            self.log_roc_data_point(
                fpr=false_positives, tpr=true_positives, threshold=above_all if at == math.inf else at
            )

    def set_confusion_matrix_categories(self, categories: Sequence[str]) -> None:
        """Start a confusion matrix of zeros. Rows are the true categories, columns the predicted ones."""
        self.metadata["confusionMatrix"] = {
            "annotationSpecs": [{"displayName": category} for category in categories],
            "rows": [{"row": [0] * len(categories)} for _ in categories],
        }

    def log_confusion_matrix_row(self, row_category: str, row: Sequence[float]) -> None:
        """Set one row of the confusion matrix.

        Raises:
            ValueError: ``row_category`` is no category, or ``row`` does not hold one number for each.
        """
        categories = self._categories()
        if len(row) != len(categories):
            raise ValueError(
                f"Row {row_category!r} of the confusion matrix holds {len(row)} numbers; "
                f"there are {len(categories)} categories."
            )
        self.metadata["confusionMatrix"]["rows"][self._index(row_category)] = {"row": list(row)}

    def log_confusion_matrix_cell(self, row_category: str, col_category: str, value: int) -> None:
        """Set one cell of the confusion matrix.

        Raises:
            ValueError: a category is none of those set before.
        """
        row, column = self._index(row_category), self._index(col_category)
        self.metadata["confusionMatrix"]["rows"][row]["row"][column] = value

    def log_confusion_matrix(self, categories: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:
        """Set the whole confusion matrix, a row for each true category.

        Raises:
            ValueError: ``matrix`` is not square with a row for each category.
        """
        size = len(categories)
        if len(matrix) != size or any(len(row) != size for row in matrix):
            raise ValueError(
                f"The confusion matrix has rows of {[len(row) for row in matrix]} numbers; "
                f"{size} categories need {size} rows of {size}."
            )
        self.set_confusion_matrix_categories(categories)
        for category, row in zip(categories, matrix):  # noqa: B905  Python 3.9 has no strict
            self.log_confusion_matrix_row(category, row)

    def _categories(self) -> list[str]:
        matrix = self.metadata.get("confusionMatrix")
        if matrix is None:
            raise ValueError("The confusion matrix has no categories yet: call set_confusion_matrix_categories first.")
        return [spec["displayName"] for spec in matrix["annotationSpecs"]]

    def _index(self, category: str) -> int:
        categories = self._categories()
        if category not in categories:
            raise ValueError(f"{category!r} is no category of the confusion matrix, which has {categories}.")
        return categories.index(category)


class SlicedClassificationMetrics(Artifact):
    """Classification metrics for each of several slices of the data, kept under ``evaluationSlices``.

    The methods are those that ``kfp.dsl`` declares (where they cannot be called).
    """

    schema_title = "system.SlicedClassificationMetrics"

    def log_roc_reading(self, slice: str, threshold: float, tpr: float, fpr: float) -> None:  # noqa: A002  kfp's name
        """Add one point of the ROC curve of a slice."""
        self._of(slice).log_roc_data_point(fpr=fpr, tpr=tpr, threshold=threshold)

    def load_roc_readings(self, slice: str, readings: Sequence[Sequence[float]]) -> None:  # noqa: A002  kfp's name
        """Add points of a slice's ROC curve, each of threshold, true positive rate and false positive rate."""
        threshold, tpr, fpr = ([reading[i] for reading in readings] for i in range(3))
        self._of(slice).log_roc_curve(fpr=fpr, tpr=tpr, threshold=threshold)

    def set_confusion_matrix_categories(self, slice: str, categories: Sequence[str]) -> None:  # noqa: A002  kfp's name
        """Start the confusion matrix of a slice."""
        self._of(slice).set_confusion_matrix_categories(categories)

    def log_confusion_matrix_row(self, slice: str, row_category: str, row: Sequence[int]) -> None:  # noqa: A002  kfp's name
        """Set one row of a slice's confusion matrix."""
        self._of(slice).log_confusion_matrix_row(row_category, row)

    def log_confusion_matrix_cell(self, slice: str, row_category: str, col_category: str, value: int) -> None:  # noqa: A002  kfp's name
        """Set one cell of a slice's confusion matrix."""
        self._of(slice).log_confusion_matrix_cell(row_category, col_category, value)

    def load_confusion_matrix(self, slice: str, categories: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:  # noqa: A002  kfp's name
        """Set the whole confusion matrix of a slice."""
        self._of(slice).log_confusion_matrix(categories, matrix)

    def _of(self, name: str) -> ClassificationMetrics:
        """The metrics of one slice, whose metadata is the part of ours that belongs to the slice."""
        slices = self.metadata.setdefault("evaluationSlices", [])
        for entry in slices:
            if entry["slice"] == name:
                metadata = entry["sliceClassificationMetrics"]
                break
        else:
            metadata = {}
            slices.append({"slice": name, "sliceClassificationMetrics": metadata})
        metrics = ClassificationMetrics()
        metrics.metadata = metadata
        return metrics


#: The classes that the service knows by their schema title; a task's own classes are known to its source alone.
ARTIFACT_CLASSES: dict[str, type[Artifact]] = {
    cls.schema_title: cls
    for cls in (
        Artifact,
        Model,
        Dataset,
        Metrics,
        ClassificationMetrics,
        SlicedClassificationMetrics,
        HTML,
        Markdown,
    )
}
