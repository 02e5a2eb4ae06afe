"""Keeps records and originals. Knows schemas; never extraction, never Streamlit."""
