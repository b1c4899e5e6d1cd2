"""The coalition as values and functions: no clock, disk, network, chance."""
