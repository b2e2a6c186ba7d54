"""How the bundled model in `assets/mini/` was made: it learns to see, to say, and to connect the two."""
