"""`python -m training` is the command `conflict-events`."""

from training.cli.app import main

if __name__ == "__main__":
    main()
