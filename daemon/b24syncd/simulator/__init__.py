"""A simulated Bitrix24 portal, built from the documentation and the server's PHP; imports nothing of the client."""
