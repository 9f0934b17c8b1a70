"""The portal at the wire: requests, batches, the authorization server, and what people switch from outside."""
