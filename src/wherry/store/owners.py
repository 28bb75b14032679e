"""Engines that started, and which runs they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wherry.model.identity import RunId
from wherry.ports import Owner
from wherry.store import compiled as sql
from wherry.store.unit import Unit, ids_parameter

LEASE_MICROS: Final = 30_000_000
"""How long a claim lasts without renewal. Where one engine holds the state folder, its token alone decides."""


def open_owner(unit: Unit, name: str) -> Owner:
    """Take the next fencing token."""
    return Owner(name=name, token=unit.insert(sql.OWNERS_INSERT, {"name": name}))


def claim(unit: Unit, owner: Owner, *, limit: int) -> tuple[RunId, ...]:
    """Take unfinished runs that no newer owner holds, nor this one already; oldest first."""
    rows = unit.rows(sql.OWNERS_CLAIMABLE, {"token": owner.token, "limit": limit})
    claimed = []
    for (run_id,) in rows:
        parameters = {
            "where_id": run_id,
            "token": owner.token,
            "name": owner.name,
            "lease_micros": LEASE_MICROS,
        }
        if unit.execute(sql.OWNERS_CLAIM, parameters):
            claimed.append(RunId(run_id))
    return tuple(claimed)


def renew(unit: Unit, owner: Owner, run_ids: Sequence[RunId]) -> frozenset[RunId]:
    """Extend leases; returns the runs that are still this owner's."""
    ids = ids_parameter(run_ids)
    unit.execute(sql.OWNERS_RENEW, {"ids": ids, "token": owner.token, "lease_micros": LEASE_MICROS})
    return frozenset(row[0] for row in unit.rows(sql.OWNERS_HELD, {"ids": ids, "token": owner.token}))
