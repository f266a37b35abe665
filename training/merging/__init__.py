"""Measures how well events of different articles are merged, and learns the weights for it."""
