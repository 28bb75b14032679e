"""One module per resource of the API; here the table of them all."""

from __future__ import annotations

from wherry.server.routes import (
    artifacts,
    entrance,
    events,
    experiments,
    health,
    kubeflow_paths,
    log_stream,
    pages,
    pipeline_versions,
    pipelines,
    recurring_runs,
    runs,
    tasks,
    uploads,
)

_RESOURCES = (
    *health.ROUTES,
    *experiments.ROUTES,
    *uploads.ROUTES,
    *pipelines.ROUTES,
    *pipeline_versions.ROUTES,
    *runs.ROUTES,
    *tasks.ROUTES,
    *log_stream.ROUTES,
    *events.ROUTES,
    *artifacts.ROUTES,
    *recurring_runs.ROUTES,
    *kubeflow_paths.ROUTES,
    *pages.ROUTES,
)
ALL_ROUTES = (*entrance.routes_over(_RESOURCES), *_RESOURCES)
