"""The drafts that readers are shown, made before the study begins."""
