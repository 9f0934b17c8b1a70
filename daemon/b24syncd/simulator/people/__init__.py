"""People who edit in the portal while others work there."""
