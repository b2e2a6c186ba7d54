"""What readers made of the drafts, kept for those who study the model."""
