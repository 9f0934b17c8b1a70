"""The job `phones`: what a number says, of which country it is, what is planned for one; no I/O, no clock, no log."""
