"""The field's own types: radiograph, report, study, draft, review; and how the texts of reports are set out.

Standard library and numpy only.
"""
