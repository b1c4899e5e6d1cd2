"""One question a file: inputs to Finding; data, no pictures."""
