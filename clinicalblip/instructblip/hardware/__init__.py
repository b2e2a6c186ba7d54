"""What this machine can do: CPU features, device, memory, and the precision that fits."""
