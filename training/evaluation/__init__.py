"""Evaluation: scores, intervals, comparison of versions, reports, behaviour and promotion."""
