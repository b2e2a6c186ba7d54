"""A second place for reviews, off this machine: one small file a review, and a snapshot of all of them each day.

A review goes one way: store -> spool -> uploader -> bucket; `reconcile` goes back where a disk was lost. What a bucket
is, is `bucket.py`; a backup that somebody asks for is `feedback.backup`.
"""
