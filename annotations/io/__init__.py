"""File input and output: text, JSON and YAML with size limits, atomic writes, config files."""
