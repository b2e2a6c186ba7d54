"""What readers made of the drafts: reviews kept and exported, and drafts compared with final texts word by word.

The review itself is a type of `radiology`; how it is asked for on the page belongs to `web`, scores to `evaluation`.
"""
