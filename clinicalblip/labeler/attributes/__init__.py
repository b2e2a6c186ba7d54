"""Which words of side, zone, degree and change belong to which finding of a sentence.

A word belongs to the finding after it ("left effusion", "interval increase in the effusion") or, where the sentence is
built so, to the one before it ("effusion on the left", "the effusion has increased"). Findings of a list share it
("left effusion and atelectasis", "effusion and atelectasis on the left"), and what explains a finding is where that one
is ("opacity at the left base, likely atelectasis"). Sides of the heart, of great vessels and of shifts are no
finding's.

`words` finds them, `places` and `predicates` give them to findings, `sharing` passes them on, `reading` sums them up.
"""
