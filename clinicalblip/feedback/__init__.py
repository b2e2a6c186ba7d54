"""What readers made of the drafts: kept (store), exported, and compared word by word."""
