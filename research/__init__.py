"""What made the bundled model and the controlled experiments. Imports clinicalblip, never the other way round."""
