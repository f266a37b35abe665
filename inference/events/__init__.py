"""Events: which mentions belong to one attack, and what their figures add up to."""
