"""What the bundled model learns to say: composed reports, hints and answers, examples."""
