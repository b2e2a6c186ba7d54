"""The pages over reviews: a reader's own, and the owner's over all of them, made whole on the server, without a script.

What is counted over reviews is in `feedback.summary`, what an export holds in `feedback.exports`; who may see what is
asked of `web.access`. The page on which reviews are made is in `view/` and `events/`.
"""
