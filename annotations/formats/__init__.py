"""File formats of a dataset: JSON Lines, stand-off, inline markup."""
