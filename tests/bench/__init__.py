"""Speed, side by side with peers, in one run: `make bench`, or `python -m tests.bench NAME ...`.

A module of this package that has `run(cap: float) -> None` is a bench; it prints its table.
"""
