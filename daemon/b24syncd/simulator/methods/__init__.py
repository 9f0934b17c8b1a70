"""The methods of the REST interface, and what they check and answer on the way."""
