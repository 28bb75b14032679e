"""Engines that started, and the runs they hold."""

from __future__ import annotations

from sqlalchemy import bindparam, insert, or_, select, update

from wherry.store.statements.dialect import UNFINISHED_STATES, any_of, now_micros, where, words
from wherry.store.tables import owners, runs

#: The next fencing token is the key the database hands out.
INSERT = insert(owners).values(name=bindparam("name"), started_at=now_micros())

#: Unfinished runs that this owner does not hold and no newer one does, oldest first.
CLAIMABLE = (
    select(runs.c.id)
    .where(
        runs.c.state.in_(words(UNFINISHED_STATES)),
        or_(runs.c.owner_token.is_(None), runs.c.owner_token < bindparam("token")),
    )
    .order_by(runs.c.created_at, runs.c.id)
    .limit(bindparam("limit"))
)

CLAIM = (
    update(runs)
    .where(where(runs.c.id), or_(runs.c.owner_token.is_(None), runs.c.owner_token < bindparam("token")))
    .values(
        owner_token=bindparam("token"),
        owner_name=bindparam("name"),
        lease_expires_at=now_micros() + bindparam("lease_micros"),
    )
)

RENEW = (
    update(runs)
    .where(any_of(runs.c.id, "ids"), runs.c.owner_token == bindparam("token"))
    .values(lease_expires_at=now_micros() + bindparam("lease_micros"))
)

HELD = select(runs.c.id).where(any_of(runs.c.id, "ids"), runs.c.owner_token == bindparam("token"))
