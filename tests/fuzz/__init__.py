"""Inputs that nobody would write, for the readers of files: they end in success or in an error of this project.

`tests/test_fuzz.py` tries some with every run of the tests. `python -m tests.fuzz conll --seconds 600` goes on for as
long as wanted and leaves the shortest input that fails in a file.
"""
