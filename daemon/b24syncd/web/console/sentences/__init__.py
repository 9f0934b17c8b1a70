"""Sentences that other parts of the program say, which pages show in the visitor's language."""
