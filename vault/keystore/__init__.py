"""Erasure keys, in a database of their own that is left out of backups."""
