"""What is true of a phantom, as a report and in terms of the label sets."""
