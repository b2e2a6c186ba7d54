"""Which event on the page calls which handler, and what on the page then changes. Needs Gradio; handlers do not."""
