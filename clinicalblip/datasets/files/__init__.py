"""The files between commands: studies, predictions, scores; each whole or not there."""
