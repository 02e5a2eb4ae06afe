"""The schema's history, applied by Alembic whenever a database is opened."""
