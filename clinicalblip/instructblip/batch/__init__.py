"""A whole split through the model, in batches, by one process or several, resumable."""
