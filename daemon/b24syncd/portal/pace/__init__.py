"""The pace: how much may be asked of the portal, and when."""
