"""What readers did: readings, choices, answers, and what happened to the study."""
