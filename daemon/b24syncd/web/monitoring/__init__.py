"""What a daemon tells those who watch it: whether it lives, whether it is well, and its numbers."""
