"""Several annotators: agreement, disagreements, and one annotation out of several."""
