"""`python -m training` is the command `conflict-events`."""

from training.cli import main

if __name__ == "__main__":
    main()
