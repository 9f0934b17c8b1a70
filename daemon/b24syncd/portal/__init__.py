"""The only part that speaks REST."""
