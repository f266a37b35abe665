"""Numbers of people: from words to bounds, and conventions for vague words."""
