"""Recurring runs are not built in this version; their routes say so."""

from __future__ import annotations

from typing import Any, Final, NoReturn

from wherry.errors import NotBuiltError
from wherry.server.call import Call
from wherry.server.route_table import Permission, Route


async def not_built(_call: Call, _body: Any) -> NoReturn:
    """Refuse."""
    raise NotBuiltError(
        "recurring runs are not built in this version of wherry",
        hint="Start runs with POST /apis/v2beta1/runs, from cron if need be.",
    )


_ALL: Final = "/apis/v2beta1/recurringruns"
_ONE: Final = _ALL + "/{recurring_run_id}"

ROUTES = tuple(
    Route(
        method=method,
        path=path,
        operation=f"RecurringRunService_{operation}",
        handler=not_built,
        permission=permission,
        summary="Not built in this version: answers 501.",
    )
    for method, path, operation, permission in (
        ("GET", _ALL, "ListRecurringRuns", Permission.READ),
        ("POST", _ALL, "CreateRecurringRun", Permission.WRITE),
        ("GET", _ONE, "GetRecurringRun", Permission.READ),
        ("DELETE", _ONE, "DeleteRecurringRun", Permission.WRITE),
        ("POST", _ONE + ":disable", "DisableRecurringRun", Permission.WRITE),
        ("POST", _ONE + ":enable", "EnableRecurringRun", Permission.WRITE),
    )
)
