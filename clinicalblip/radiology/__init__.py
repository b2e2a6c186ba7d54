"""The field's own types: radiograph, report, study, draft, review. Standard library and numpy only."""
