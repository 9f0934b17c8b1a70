"""The journal: what was changed from what to what, found among very many, and taken back."""
