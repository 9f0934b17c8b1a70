"""The wire: requests, batches and answers as bytes, and the faults among them."""
