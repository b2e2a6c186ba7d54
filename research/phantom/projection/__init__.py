"""From layers to a film: rays, chords through solids, exposure and the film's edges."""
