"""Change sources: each yields pages of snapshots, with the cursor to keep once a page is settled."""
