"""Statistics as sums over studies: bootstrap intervals, paired differences, AUROC, Wilson, calibration."""
