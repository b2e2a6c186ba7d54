"""How good a set of reports is: from a request to a scorecard, beside baselines and with what leaks are found.

Single measures are in `metrics`, their intervals in `statistics`, the card and its files in `scorecard`. Drafting is
`instructblip/batch`; comparing two texts word by word for a reader is `feedback`.
"""
