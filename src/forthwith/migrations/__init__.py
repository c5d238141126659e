"""The schema's history: Alembic, one line, inside the package so that a wheel can migrate."""
