"""Predictions on many processes or machines: inputs in partitions, workers that predict them, and their files."""

from inference.engines.folder import Folder, FolderError
from inference.engines.job import Job
from inference.engines.run import Progress, Totals, plan, run

__all__ = ["Folder", "FolderError", "Job", "Progress", "Totals", "plan", "run"]
