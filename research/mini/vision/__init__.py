"""The teacher, the vision encoder that is distilled from it, and the statistics of its training films."""
