"""What stands on the page: layout, markup, the film viewer, and values as component updates."""
