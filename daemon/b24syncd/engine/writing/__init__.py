"""Writing: from planned pages to settled batches, and what is left open recovered."""
