"""The pure planners: a snapshot and the rules of a job in, a plan out; no I/O, no clock, no log."""
