"""How many keys each way of editing a draft needs: `python -m research.benchmarks.edit_keys`."""
