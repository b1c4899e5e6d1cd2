"""A program that serves a room in a child process, again and again, for the test that kills it.

    python -m tests.e2e.served_room DATA

For each line on its input it forks a child that opens the house in DATA and
serves it; the child prints its number and its address. All imports are done
once, so that a start costs no more than opening the house.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

from comity.web.house import House, secret
from comity.web.server import LOOPBACK, serve
from comity.web.settings import set_up

CHARTER = Path(__file__).parents[2] / "examples" / "larch-league.toml"


def child(data: Path) -> None:
    house = House.open(data, CHARTER.read_bytes())
    print(os.getpid(), end=" ", flush=True)
    serve(house, port=0, ready=lambda address: print(address, flush=True))


def main() -> None:
    data = Path(sys.argv[1])
    data.mkdir(mode=0o700)
    set_up(data, secret(data, "session.secret"), hosts=(LOOPBACK,))
    import_module("comity.web.urls")
    for _ in sys.stdin:
        if os.fork() == 0:
            try:
                child(data)
            finally:
                os._exit(0)
        os.wait()


if __name__ == "__main__":
    main()
