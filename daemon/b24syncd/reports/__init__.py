"""What is told to people, as typed values with their words and one way to JSON; printed by whoever tells it."""
