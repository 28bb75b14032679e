"""Metrics, a ROC curve, a confusion matrix, Markdown and HTML: what a run shows of itself."""

from kfp import dsl
from kfp.dsl import HTML, ClassificationMetrics, Markdown, Metrics, Output


@dsl.component(base_image="python:3.11")
def evaluate(metrics: Output[Metrics], curve: Output[ClassificationMetrics], matrix: Output[ClassificationMetrics]):
    metrics.log_metric("accuracy", 0.9)
    metrics.log_metric("rows", 100)
    curve.log_roc_curve([0.0, 0.5, 1.0], [0.25, 0.75, 1.0], [1.0, 0.5, 0.0])
    curve.log_roc_data_point(fpr=1.0, tpr=1.0, threshold=0.0)
    matrix.log_confusion_matrix(["stays", "leaves"], [[8, 2], [1, 9]])


@dsl.component(base_image="python:3.11")
def report(page: Output[HTML], notes: Output[Markdown]):
    with open(page.path, "w") as out:
        out.write("<h1>90 %</h1>")
    with open(notes.path, "w") as out:
        out.write("# 90 %")


@dsl.pipeline(name="metrics")
def pipeline():
    evaluate()
    report()


EXPECTED = {
    "tasks": {"evaluate": "SUCCEEDED", "report": "SUCCEEDED"},
    "artifacts": {
        "evaluate.metrics": [{"type": "Metric", "metadata": {"accuracy": 0.9, "rows": 100}}],
        "evaluate.curve": [
            {
                "type": "ClassificationMetric",
                "metadata": {
                    "confidenceMetrics": [
                        {"confidenceThreshold": 1.0, "falsePositiveRate": 0.0, "recall": 0.25},
                        {"confidenceThreshold": 0.5, "falsePositiveRate": 0.5, "recall": 0.75},
                        {"confidenceThreshold": 0.0, "falsePositiveRate": 1.0, "recall": 1.0},
                        {"confidenceThreshold": 0.0, "falsePositiveRate": 1.0, "recall": 1.0},
                    ]
                },
            }
        ],
        "evaluate.matrix": [
            {
                "type": "ClassificationMetric",
                "metadata": {
                    "confusionMatrix": {
                        "annotationSpecs": [{"displayName": "stays"}, {"displayName": "leaves"}],
                        "rows": [{"row": [8, 2]}, {"row": [1, 9]}],
                    }
                },
            }
        ],
        "report.page": [{"type": "HTML", "content": "<h1>90 %</h1>"}],
        "report.notes": [{"type": "Markdown", "content": "# 90 %"}],
    },
}
