"""The cornerstone report, whole and cold, and what the first minute takes."""

import subprocess
import sys
import time

from comity.charters import load, names
from comity.evidence import load as evidence
from comity.examine.guarantee_report import report


def run(cap: float) -> None:
    """Print one table. No peer makes such a report, so none stands beside it."""
    del cap
    print("Cornerstone reports: every loss on every obligation, why, and what removes it.\n")
    held = evidence()
    for name in names():
        charter = load(name)
        started = time.perf_counter()
        made = report(charter, evidence=held)
        made.finding()
        seconds = time.perf_counter() - started
        cells = sum(len(g.cells) for g in made.guarantees)
        print(f"  {name:28} {len(made.guarantees):2} obligations {cells:5} cells {seconds:7.3f} s")
    for words in (["run"], ["cornerstones", "coalition-of-the-willing", "--pairs"], ["--help"]):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "from comity.cli import main; main()", *words],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - started
        print(f"  comity {' '.join(words):53} {seconds:7.3f} s", flush=True)
