"""A report as ticks: the findings of a text in rows, and the text changed where a row is.

`table` reads a text's rows, `document` changes exactly the sentences that say a row, `impression` sums up what is there
and `origins` counts whose characters a text has. What a text says, the `labeler` decides; how the page shows the rows
belongs to `web`, and how a model is asked for a finding to `instructblip`.
"""
