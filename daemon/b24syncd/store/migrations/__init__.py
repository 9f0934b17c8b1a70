"""The schema, and the steps that bring the state of an earlier version to it."""
