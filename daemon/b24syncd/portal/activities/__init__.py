"""Activities, their bindings, and the items that they come from and go to."""
