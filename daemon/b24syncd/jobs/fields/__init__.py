"""The job `fields`: a person's rules for ordinary fields, and what they do with text; no I/O, no clock, no log."""
