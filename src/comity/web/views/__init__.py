"""One page, or a few that belong together, in each file."""
