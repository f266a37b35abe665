"""What a model tells of data: what to label next, label errors, missing mentions, the data report."""
