"""The measures of a set of texts, each a sum over studies. Intervals and comparisons belong to `statistics`."""
