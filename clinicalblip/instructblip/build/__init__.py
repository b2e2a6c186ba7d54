"""Making InstructBLIP checkpoints: configurations, tokenizers, random weights. Running a model needs none of it."""
