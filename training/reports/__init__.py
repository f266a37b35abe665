"""Pages and plots: self-contained HTML of evaluations, comparisons and data."""
