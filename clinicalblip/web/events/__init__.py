"""Which event on the page calls which handler, and what on the page then changes: one class a part of the page."""
