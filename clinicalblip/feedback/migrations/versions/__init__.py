"""One migration a schema, in Alembic's form; a revision's name is the number of the schema that it leads to."""
