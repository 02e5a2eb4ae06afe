"""Invoices and shop receipts of many countries, made at random from a seed with their truth."""
