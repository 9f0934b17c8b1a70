"""`b24syncd demo`: everything at work on a simulated portal, in about a minute, and a verdict at the end."""

from .show import demo

__all__ = ["demo"]
