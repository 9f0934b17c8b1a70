"""Items that people pay for, and the field with the date."""
