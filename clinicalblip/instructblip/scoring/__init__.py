"""How likely a finding is to the model: the likelihood of sentences that affirm it against those that deny it."""
