"""MIMIC-CXR: the original tables, reports and films become studies."""
