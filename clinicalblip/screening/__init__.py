"""What is asked before a film or a text is used: burned-in text, names, no chest film, an unknown view.

The page, its API and the command line ask the same questions through this room; `wording` says them to each of them.
Finding and masking belong to `deid`, a model's own doubts about a film to `instructblip`.
"""
