"""A text as rules and the encoder read it: lines, sentences, words."""
