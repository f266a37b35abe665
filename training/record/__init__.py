"""What a run leaves in MLflow for people and for other commands: its name, figures, tables and descriptions."""
