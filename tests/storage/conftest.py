"""Fixtures of stored work."""

from stored_work import empty_settings, work

__all__ = ["empty_settings", "work"]
