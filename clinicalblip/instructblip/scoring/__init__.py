"""How likely the model holds a finding: the likelihood of sentences that affirm it against those that deny it."""
