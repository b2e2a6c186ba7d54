"""The files between commands (studies, predictions, scores), and how files are written whole and read line by line."""
