"""Data curation: what to label next, label errors, missing mentions, the data report."""
