"""The job `bindings`: where an activity belongs by a person's rule; no I/O, no clock, no log."""
