"""The MLflow store: opening it, tracking a run, and the registry of versions."""
