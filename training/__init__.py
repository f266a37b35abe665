"""Fitting, tracking, scoring and the command line."""
