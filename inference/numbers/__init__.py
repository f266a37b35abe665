"""Numbers of people: from words to bounds, and what vague words stand for."""
