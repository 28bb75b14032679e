"""Migrations: one file each in ``versions``, never changed once released."""
