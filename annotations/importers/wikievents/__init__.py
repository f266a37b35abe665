"""WikiEvents: triggers and arguments of the KAIROS ontology."""
