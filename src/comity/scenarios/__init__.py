"""The shipped scenarios, by name: a folder each, with its scenario and what it names."""
