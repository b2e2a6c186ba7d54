"""How a reviews file of an older schema becomes one of the present: Alembic's migrations, run where a file is opened.

`versions` has one file for each schema, which stays as it is once it was released; what the present schema looks like
is `feedback.schema`. A new file is made by that, not by going through all of these.
"""
