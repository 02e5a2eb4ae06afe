"""Measures the stored work: how workers add up, and how it behaves when it is large."""
