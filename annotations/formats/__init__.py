"""The forms of a data set on disk: JSON Lines, stand-off, inline markup."""
