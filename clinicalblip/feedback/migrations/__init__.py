"""How a database of an older schema becomes one of the present: Alembic's migrations, run where it is opened.

`versions` has one file for each schema, which stays as it is once it was released; what the present schema looks like
is `feedback.schema`. A new database is made by that, not by going through all of these. Those up to schema 4 ran in
SQLite alone; later ones run in PostgreSQL too.
"""
