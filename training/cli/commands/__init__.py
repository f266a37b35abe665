"""What the longer commands do, with their progress on the terminal; loaded when they are called."""
