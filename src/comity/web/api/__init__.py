"""The API: what pages do, as documented JSON, from a desk that a token speaks for."""
