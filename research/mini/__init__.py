"""The training of the bundled model in `assets/mini/`: films, teacher, encoder, language model, Q-Former, adapter."""
