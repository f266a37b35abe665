"""What the product does, frozen: inputs, frozen outputs, and how both are made. See `tests/test_golden.py`."""
