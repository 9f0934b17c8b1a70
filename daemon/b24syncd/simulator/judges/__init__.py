"""How far what the portal holds is from what it ought to be, for demonstrations and tests."""
