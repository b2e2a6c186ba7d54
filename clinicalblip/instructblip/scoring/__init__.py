"""What the likelihood of sentences says: how likely a finding is to the model, and where on the film it looked for it."""
