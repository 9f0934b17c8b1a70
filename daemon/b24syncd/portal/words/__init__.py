"""The words of the two families of methods for items: universal and classic."""
