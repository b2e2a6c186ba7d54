"""The scorecard as a value, a table, a plot and files. What is measured belongs to the rooms beside it."""
