"""The command line `conflict-events`: a thin shell over one function a command."""

from training.cli.app import main

__all__ = ["main"]
