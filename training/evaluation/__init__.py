"""Evaluation: what is counted, with intervals, of one version and of two."""
