"""The page: plain functions around a Reporter that is handed in."""
