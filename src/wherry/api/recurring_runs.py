"""Messages of KFP's recurring_run.proto. 64-bit integers are text on the wire and read as numbers."""

from __future__ import annotations

import msgspec

from wherry.api.dialect import Message
from wherry.api.runs import PipelineVersionReference, RuntimeConfig
from wherry.api.status import Status


class CronSchedule(Message, frozen=True, kw_only=True):
    """v2beta1CronSchedule."""

    start_time: str | None = None
    end_time: str | None = None
    cron: str = ""
    """Six fields, the first of them seconds."""


class PeriodicSchedule(Message, frozen=True, kw_only=True):
    """v2beta1PeriodicSchedule."""

    start_time: str | None = None
    end_time: str | None = None
    interval_second: str = ""


class Trigger(Message, frozen=True, kw_only=True):
    """v2beta1Trigger: one of the two."""

    cron_schedule: CronSchedule | None = None
    periodic_schedule: PeriodicSchedule | None = None


class RecurringRun(Message, frozen=True, kw_only=True):
    """v2beta1RecurringRun."""

    recurring_run_id: str = ""
    display_name: str = ""
    description: str = ""
    pipeline_version_id: str = ""
    """Deprecated in KFP; never sent."""
    pipeline_spec: msgspec.Raw | None = None
    pipeline_version_reference: PipelineVersionReference | None = None
    runtime_config: RuntimeConfig | None = None
    service_account: str = ""
    max_concurrency: str = ""
    trigger: Trigger | None = None
    mode: str = ""
    """ENABLE or DISABLE."""
    created_at: str | None = None
    updated_at: str | None = None
    status: str = ""
    """ENABLED or DISABLED."""
    error: Status | None = None
    no_catchup: bool = False
    namespace: str = ""
    experiment_id: str = ""


class ListRecurringRunsResponse(Message, frozen=True, kw_only=True):
    """v2beta1ListRecurringRunsResponse. KFP names the field in camelCase in its own answers too."""

    recurring_runs: tuple[RecurringRun, ...] = msgspec.field(default=(), name="recurringRuns")
    total_size: int = 0
    next_page_token: str = ""
