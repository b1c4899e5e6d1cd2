"""Play runs: see the docstring of the package."""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from collections import Counter

from tests.simulation.runs import play


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--runs", type=int, default=0, help="so many seeds, without histories")
    given = parser.parse_args()
    if not given.runs:
        report = play(given.seed)
        print("\n".join(report.history))
        print(report.wrong or "all held", report.fingerprint[:16])
        return 1 if report.wrong else 0
    begun, failed, count = time.process_time(), 0, Counter[str]()
    for done, seed in enumerate(range(given.seed, given.seed + given.runs), start=1):
        try:
            report = play(seed)
            wrong, more = report.wrong, report.count
        except Exception as error:  # a node must not raise: the seed says how it came to it
            wrong, more = f"{type(error).__name__}: {error}", Counter[str]()
            last = traceback.format_tb(error.__traceback__)[-3:]
            wrong += "".join(f"\n  {line}" for line in last)
        count.update(more)
        if wrong:
            failed += 1
            print(f"\nseed {seed}: {wrong}")
        spent = time.process_time() - begun
        sys.stderr.write(f"\r{done} of {given.runs} runs, {failed} failed, {spent:.0f} s of a core")
    print(f"\n{given.runs} runs, {failed} failed, {time.process_time() - begun:.0f} s of a core")
    for what in sorted(count):
        print(f"{count[what]:8} {what}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
