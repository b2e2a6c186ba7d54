"""The only room that knows the model."""
