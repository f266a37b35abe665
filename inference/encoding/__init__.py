"""What the encoder reads: sub-words tied to words, and windows of them."""
