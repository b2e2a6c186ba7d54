"""What reviews say together: decisions, errors, edits and times, counted, as Markdown and as a picture.

Counts only: intervals and tests belong to `evaluation.statistics`, what a single review says to `feedback.plain_lines`.
"""
