"""From a file to a checked extraction. Knows schemas; no Streamlit, no database, no network but a configured reader."""
