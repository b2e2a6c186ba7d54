"""Chest radiographs drawn by computation, with findings that are known because they were put there."""
