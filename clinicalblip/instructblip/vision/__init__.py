"""Films as the vision encoder takes them, and what its embeddings say of a film: similar films, out of distribution."""
