"""Every statement, as a named SQLAlchemy construct; one module per aggregate.

Compare-and-set stands in the WHERE clause, whose parameters are called ``where_<column>`` or ``seen_<column>``: a
write that was decided on what is no longer so changes no row, and the caller counts.

Imported by `wherry.store.generate` and tests only.
"""
