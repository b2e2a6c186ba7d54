"""Books of drafts: which token follows which in what a model tends to write, so that drafts take fewer steps.

A book proposes; what is written the model alone decides (`engine/`). How a book is made, and what it may hold, is here
too. Whole sentences of reports are no part of it: `ngrams.py` says what is kept of a text.
"""
