"""What stands on the page: components and their layout, markup, the film viewer, and new values of components."""
