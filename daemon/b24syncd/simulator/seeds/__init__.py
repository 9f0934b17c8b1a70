"""What portals begin with: items, activities, payments and texts as people and imports leave them."""
