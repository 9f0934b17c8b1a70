"""The console: what office people and operators see and do in a browser."""
