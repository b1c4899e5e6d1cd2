"""The node: keeps one member's record and keys, and speaks for it."""
