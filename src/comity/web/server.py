"""Serving the room: one process, one port, until it is stopped."""

from __future__ import annotations

import socket
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from comity.errors import UsageError
from comity.web.house import House, install, secret, the_house
from comity.web.settings import set_up

LOOPBACK = "127.0.0.1"


def serve(
    house: House,
    *,
    port: int,
    person: str = "rehearser",
    hosts: tuple[str, ...] = (LOOPBACK, "localhost"),
    https: bool = False,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve the room of a house until the process is told to stop.

    Parameters
    ----------
    port
        0 takes any that is free.
    hosts, https
        Under which names it is reached, and whether a proxy before it speaks TLS.
    ready
        Called once with the address and a one-time link on it.
    """
    install(house)
    prepare(house.data, hosts=hosts, https=https)
    link = sign_in_link(person)
    sock = _listening(port)
    from comity.web.asgi import application

    # Files of pages come from an iterator that is not asynchronous: Django says so each time.
    warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")
    config = uvicorn.Config(
        application,
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        lifespan="off",
    )
    house.start()
    from comity.web.questions import ask_first

    under = next(iter(house.hall.nodes.values())).under
    threading.Thread(target=ask_first, args=(under,), name="first answers", daemon=True).start()
    at = f"https://{hosts[0]}" if https else f"http://{LOOPBACK}:{sock.getsockname()[1]}"
    ready(f"{at}/enter/{link}")
    _Server(config).run(sockets=[sock])


def _listening(port: int) -> socket.socket:
    """Return a socket that listens: whoever follows the link at once is let in."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
    except OSError as wrong:
        sock.close()
        raise UsageError(
            f"port {port} cannot be had: {(wrong.strerror or 'unknown').lower()}",
            hint="name another: --port 0 takes a free one",
        ) from None
    sock.listen(128)
    return sock


class _Server(uvicorn.Server):
    """A server that lets open streams end when it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop."""
        the_house().stop_news()
        super().handle_exit(sig, frame)


def prepare(data: Path, *, hosts: tuple[str, ...], https: bool = False) -> None:
    """Configure Django for a house's folder, and bring its tables up to date."""
    set_up(data, secret(data, "session.secret"), hosts=hosts, https=https)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def sign_in_link(name: str) -> str:
    """Return the token of a new one-time link for somebody who may sit at any desk."""
    from comity.web.models import Person
    from comity.web.views.door import new_link

    person, _ = Person.objects.get_or_create(name=name, defaults={"anywhere": True})
    return new_link(person)
