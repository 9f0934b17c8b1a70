"""The one writer: plans pages, applies corrections with a witness, settles them, and recovers what was left open."""
