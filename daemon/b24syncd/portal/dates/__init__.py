"""Times at the portal: how filters take them, and how lists tell them, whatever zone its user lives in."""
