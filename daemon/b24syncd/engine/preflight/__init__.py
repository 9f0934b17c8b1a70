"""What jobs need the portal to tell before they run: each job by itself, behind one protocol."""
