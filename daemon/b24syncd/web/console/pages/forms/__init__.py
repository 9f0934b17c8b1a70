"""The edit form: one item, or a new one, and what it is asked while somebody types."""

from typing import Final

LONGEST_CARD: Final = 16 << 20
"""Bytes of a form with several long texts, each with what it showed."""
