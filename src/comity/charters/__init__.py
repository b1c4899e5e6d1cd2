"""The shipped charters, by name, and charters read from files."""
