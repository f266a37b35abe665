"""Events: which mentions belong to one attack, and what their figures add up to.

Texts, sentences and offsets in these modules are those of a reading (`annotations.text.reading`).
"""
