"""The values everything else speaks in; standard library only."""
