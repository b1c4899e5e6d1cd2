"""Run every bench of this package, or those named."""

import argparse
from importlib import import_module
from pkgutil import iter_modules

import tests.bench


def benches(names: list[str]) -> list[str]:
    """Modules that have a `run`, in alphabetical order."""
    found = [m.name for m in iter_modules(tests.bench.__path__) if not m.name.startswith("_")]
    return [name for name in found if not names or name in names]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", help="benches to run; all if none is named")
    parser.add_argument("--cap", type=float, default=20.0, help="seconds a peer may take")
    options = parser.parse_args()
    for name in benches(options.names):
        module = import_module(f"tests.bench.{name}")
        if hasattr(module, "run"):
            module.run(options.cap)


main()
