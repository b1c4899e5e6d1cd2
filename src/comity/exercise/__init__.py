"""The rehearsals: scenarios, players, after-action reports, and replays without each member.

An exercise runs the same nodes and the same rules as the real thing, under a
clock that it owns. What it founds is marked as an exercise, and no real record
accepts an act of it.
"""
