"""The examination: what a command needs is looked at, one thing after the other, and nothing is written anywhere."""
