"""What this machine can do: precision, memory, CPU features, ZeroGPU."""
