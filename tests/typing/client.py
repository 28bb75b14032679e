"""What type checkers see of the client. Checked by mypy, never run."""

from typing import assert_type

import wherry
from wherry import Client
from wherry.api.runs import ListRunsResponse, Run
from wherry.client import RunPipelineResult

client = Client("http://127.0.0.1:8080")
assert_type(client, wherry.Client)
assert_type(client.create_run_from_pipeline_package("p.yaml", {"a": 1}), RunPipelineResult)
assert_type(client.get_run("r"), Run)
assert_type(client.list_runs(), ListRunsResponse)
assert_type(client.get_pipeline_id("p"), str | None)
client.get_run(7)  # type: ignore[arg-type]
