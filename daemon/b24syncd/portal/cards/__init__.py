"""Cards: items as people see and edit them, field by field."""
