"""Comity: decide together, owe each other, and depend on no single member."""
