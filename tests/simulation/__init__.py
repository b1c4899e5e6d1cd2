"""A seeded simulator of real nodes: records on disk, a network that misbehaves, members that lie.

    python -m tests.simulation --seed 17          the history of one run, in words
    python -m tests.simulation --runs 10000       a soak, from --seed on

One seed gives all chance there is: what members do, what the network does, what
is drawn for keys, salts and boxes. The same seed is the same run, byte for byte.
"""
