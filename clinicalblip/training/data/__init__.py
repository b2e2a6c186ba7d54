"""Studies become the batches of a stage: selection, prompts and targets, films, augmentation, order."""
