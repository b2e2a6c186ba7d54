"""Reviews as files for those who study the model: exact JSON lines, CSV for spreadsheets, Parquet for data frames.

What a column means is in docs/feedback.md. What is counted over reviews belongs to `feedback.summary`.
"""
