"""What the portal holds, and how it is: items, activities, payments, fields, users, applications, limits."""
