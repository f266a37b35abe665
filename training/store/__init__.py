"""The MLflow store: opened, written to by a run, and the registry of versions in it."""
