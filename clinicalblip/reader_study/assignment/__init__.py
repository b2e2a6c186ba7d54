"""Which cases are read, and who reads which one under which arm, in which order."""
