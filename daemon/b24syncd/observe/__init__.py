"""What the outside can see of the program while it works; a leaf that imports nothing else of it."""
