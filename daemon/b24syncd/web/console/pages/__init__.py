"""The pages of the console, each with what can be done on it."""
