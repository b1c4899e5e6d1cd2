"""Coverage-guided fuzzing with atheris: python -m tests.fuzz [TARGET ...] [--seconds N].

Without a target all are run, one after the other. Each begins from the vectors
in spec/ and runs in a process of its own, under a bound of time for each input
and of memory for all. What broke it is kept in build/fuzz/, and so is what was
found to reach new code; the next run begins from there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from random import Random

from tests.fuzz.mutation import mutated

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "fuzz"
NAMES = ("act", "certificate", "charter", "scenario")
SLOWEST = 20
"""Seconds that one input may take, instrumented."""
MEMORY = 1_024
"""Megabytes that a process may hold, interpreter and instruments included."""
LONGEST = {"act": 300_000, "certificate": 200_000, "charter": 60_000, "scenario": 60_000}
"""Bytes of an input; more makes each slower and finds less."""


def main() -> int:
    """Run the targets; 0 if nothing broke."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("targets", nargs="*", choices=[[], *NAMES], metavar="TARGET")
    asked.add_argument("--seconds", type=int, default=300)
    asked.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    told = asked.parse_args()
    if told.one:
        return _run(told.targets[0], told.seconds)
    if find_spec("atheris") is None:
        print("error: atheris is not here", file=sys.stderr)
        print("hint: make soak sets it up, on Linux on x86_64", file=sys.stderr)
        return 1
    broken = []
    for name in told.targets or NAMES:
        command = [sys.executable, "-m", "tests.fuzz", name, "--one", "--seconds"]
        if subprocess.run([*command, str(told.seconds)], cwd=ROOT, check=False).returncode:
            broken.append(name)
    print(f"broken: {', '.join(broken)}; see build/fuzz/" if broken else "nothing broke")
    return int(bool(broken))


def _run(name: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["comity"]):
        from tests.fuzz.targets import TARGETS, corpus

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        """Change bytes as libFuzzer does, or values as we do; the first byte says how to read."""
        if seed % 2 or name in ("charter", "scenario") or len(data) < 2:
            return atheris.Mutate(data, longest)
        return (data[:1] + mutated(data[1:], Random(seed)))[:longest]

    folder = KEPT / name
    folder.mkdir(parents=True, exist_ok=True)
    for data in corpus(name):
        (folder / sha256(data).hexdigest()[:16]).write_bytes(data)
    atheris.Setup(
        [
            "tests.fuzz",
            f"-max_total_time={seconds}",
            f"-timeout={SLOWEST}",
            f"-rss_limit_mb={MEMORY}",
            f"-max_len={LONGEST[name]}",
            f"-artifact_prefix={KEPT}/{name}-",
            "-print_final_stats=1",
            "-verbosity=1",
            str(folder),
        ],
        TARGETS[name],
        custom_mutator=mutate,
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
