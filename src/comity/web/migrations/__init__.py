"""Numbered changes of the room's own tables."""
