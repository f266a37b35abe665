"""The command line `conflict-events`: one function per command."""

from training.cli.app import main

__all__ = ["main"]
