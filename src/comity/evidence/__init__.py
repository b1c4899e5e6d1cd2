"""Shipped open data, loaders, and the user's own downloads."""
