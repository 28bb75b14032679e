"""One module per resource of the API; here the table of them all."""

from __future__ import annotations

from wherry.server.routes import experiments, health, runs, uploads

ALL_ROUTES = (
    *health.ROUTES,
    *experiments.ROUTES,
    *uploads.ROUTES,
    *runs.ROUTES,
)
