"""Files from outside: text, JSON and YAML read within bounds, written so that nothing is lost; config files."""
