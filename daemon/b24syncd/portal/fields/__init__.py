"""Ordinary fields of items: what the portal tells of them, their values, and rules for them."""
