"""Fixtures of stored work."""

from stored_work import postgres, stored_settings, work

__all__ = ["postgres", "stored_settings", "work"]
