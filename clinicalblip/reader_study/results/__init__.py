"""Tables, plots and texts made of a study's records, the same ones each time.

`rows` and `study_data` read what was recorded, `sections` count and compare it, `report`, `methods` and `claim` say it
in words, `csv_files` and `dictionary` hand it on. Statistics are those of `statistics`, asked for in `estimates` alone.
"""
