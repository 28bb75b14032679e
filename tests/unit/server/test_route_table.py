import dataclasses

import pytest

from wherry.errors import WherryBugError
from wherry.server.route_table import checked
from wherry.server.routes import ALL_ROUTES

#: KFP 2.17's operations under /apis/v2beta1; the gateway does not register the ones about filters.
KFP = """
GET /auth
GET /experiments
POST /experiments
GET /experiments/{experiment_id}
DELETE /experiments/{experiment_id}
POST /experiments/{experiment_id}:archive
POST /experiments/{experiment_id}:unarchive
GET /healthz
GET /pipelines
POST /pipelines
POST /pipelines/create
GET /pipelines/names/{name}
POST /pipelines/upload
POST /pipelines/upload_version
GET /pipelines/{pipeline_id}
PATCH /pipelines/{pipeline_id}
DELETE /pipelines/{pipeline_id}
GET /pipelines/{pipeline_id}/versions
POST /pipelines/{pipeline_id}/versions
GET /pipelines/{pipeline_id}/versions/{pipeline_version_id}
PATCH /pipelines/{pipeline_id}/versions/{pipeline_version_id}
DELETE /pipelines/{pipeline_id}/versions/{pipeline_version_id}
GET /recurringruns
POST /recurringruns
GET /recurringruns/{recurring_run_id}
DELETE /recurringruns/{recurring_run_id}
POST /recurringruns/{recurring_run_id}:disable
POST /recurringruns/{recurring_run_id}:enable
GET /runs
POST /runs
GET /runs/{run_id}
DELETE /runs/{run_id}
POST /runs/{run_id}:archive
POST /runs/{run_id}:retry
POST /runs/{run_id}:terminate
POST /runs/{run_id}:unarchive
"""


def test_every_operation_of_kfp_has_a_route() -> None:
    ours = {f"{route.method} {route.path.removeprefix('/apis/v2beta1')}" for route in ALL_ROUTES}

    assert set(KFP.split("\n")[1:-1]) - ours == set()


def test_a_route_without_a_permission_is_refused() -> None:
    with pytest.raises(WherryBugError, match="declares no permission"):
        checked([dataclasses.replace(ALL_ROUTES[0], permission=None)])
