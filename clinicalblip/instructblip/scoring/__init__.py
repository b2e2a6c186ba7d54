"""What the likelihood of sentences says: how likely a finding is to the model, and where it looked for it."""
