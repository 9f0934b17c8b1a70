"""The job `emails`: what an address says, and what is planned for one; no I/O, no clock, no log."""
