"""The databases that reviews are kept in: how each is opened, written by one at a time, and cleared of erased words.

What is kept and when it may change is the same in both (`feedback.schema`, `feedback.triggers`); what a review is to
the store belongs to `feedback.store`.
"""
