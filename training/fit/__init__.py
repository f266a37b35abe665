"""Fitting: data and encoder prepared, the training loop, calibration, export."""
