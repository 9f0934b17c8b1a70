"""Reviews: what people have to decide, found among very many, decided one by one or all of a filter."""
