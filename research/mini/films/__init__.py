"""The films that the bundled model learns from: which are used, their table, the drawn ones, and their variations."""
