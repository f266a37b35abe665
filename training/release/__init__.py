"""Release: gates, promotion and rollback, lineage of versions."""
