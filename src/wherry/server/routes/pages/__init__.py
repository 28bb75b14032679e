"""What the pages of the web UI show, one call per page. Actions use the KFP routes."""

from __future__ import annotations

from wherry.server.routes.pages import artifacts, models, pipelines, runs, site, tasks

ROUTES = (
    *runs.ROUTES,
    *tasks.ROUTES,
    *artifacts.ROUTES,
    *models.ROUTES,
    *pipelines.ROUTES,
    *site.ROUTES,
)
