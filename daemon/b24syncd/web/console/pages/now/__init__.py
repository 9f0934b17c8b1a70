"""Now: whether it is well, why not, how far it is, and what may be started and stopped."""
