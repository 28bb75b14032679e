"""All SQL. Statements in, domain values out; no session leaves this package."""
