"""Reader studies: one design file, readings assigned before the first, and results from what was recorded.

What belongs here: the design and its check, which cases are read, who reads which case under which arm, drafts made
beforehand, errors put into them, what readers did, and the statistics, tables and texts that follow. What does not: the
page on which cases are read (`web/reading_study`), and models, which are handed in.
"""
