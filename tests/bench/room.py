"""The room under load: an alert on all open desks, pages with ten thousand acts, memory.

Real processes and real HTTP on the loopback; 35 desks listen while one presses.
"""

import http.client
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from comity.charters import text
from comity.core.bodies import Alert, Receipt
from comity.node.hall import Hall, found_all
from comity.node.keys import LEAST
from comity.web.house import secret

CHARTER = "coalition-of-the-willing"
ACTS = 10_000
PRESSES = 20
PAGES = ("/", "/cases", "/texts", "/proposals", "/pledges", "/organs", "/record", "/talk")


class Browser:
    """One desk: a session of its own over real HTTP."""

    def __init__(self, address: str) -> None:
        self.host = re.search(r"//([^/]+)", address)[1]
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, **headers: str):
        link = http.client.HTTPConnection(self.host, timeout=60)
        body = urlencode(fields) if fields is not None else None
        sent = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": f"http://{self.host}",
            **headers,
        }
        link.request(method, path, body, sent)
        answer = link.getresponse()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return link, answer

    def page(self, path: str, **headers: str) -> str:
        link, answer = self.ask("GET", path, **headers)
        data = answer.read().decode()
        link.close()
        return data

    def post(self, form_at: str, path: str, fields: dict[str, str]) -> int:
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', self.page(form_at))[1]
        return self.send(path, {**fields, "csrfmiddlewaretoken": token})

    def send(self, path: str, fields: dict[str, str]) -> int:
        link, answer = self.ask("POST", path, fields)
        answer.read()
        link.close()
        return answer.status


def fill(data: Path) -> None:
    """Found the coalition in a folder, and let it say ten thousand things."""
    data.mkdir(mode=0o700)
    passphrase = secret(data, "passphrase").encode()
    found_all(data / "nodes", text(CHARTER), passphrase, cost=LEAST)
    with Hall.open(data / "nodes", passphrase) as hall:
        members = list(hall.nodes)
        alerts = []
        for count in range(ACTS // (len(members) + 1)):
            node = hall.nodes[members[count % 35]]
            with node.record.together():
                alerts.append(node.say("coalition", Alert(f"Notice {count}", "Nothing.", "minor")))
        hall.deliver()
        now = datetime.now(UTC).isoformat()[:19] + "Z"
        for node in hall.nodes.values():
            with node.record.together():
                for said in alerts:
                    node.say("coalition", Receipt(said.id, now))
        hall.deliver()


def run(cap: float) -> None:
    """Print one table."""
    del cap
    print("The room: 35 members, one process\n")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "house"
        started = time.perf_counter()
        fill(data)
        print(f"  filled with {ACTS:,} acts at each node in {time.perf_counter() - started:.0f} s")
        server = subprocess.Popen(
            [str(Path(sys.executable).parent / "comity"), "up", CHARTER, "--data", str(data)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            _measure(server, data)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(20)


def _tokens(data: Path) -> list[str]:
    said = subprocess.run(
        [sys.executable, "-m", "tests.e2e.room_desks", str(data), "35"],
        check=True,
        capture_output=True,
        text=True,
    )
    return said.stdout.split()


def _seated(address: str, code: str) -> Browser:
    """Come in with a link of one's own, and sit down at a desk."""
    desk = Browser(address)
    path = "/" + address.split("/", 3)[3]
    desk.post(path, path, {})
    desk.post("/", "/desk", {"member": code, "office": ""})
    assert re.search(rf'<option value="{code}" selected>', desk.page("/")), code
    return desk


def _measure(server: subprocess.Popen, data: Path) -> None:
    started = time.perf_counter()
    link = ""
    for said in server.stdout:
        if found := re.search(r"http\S+", said):
            link = found[0]
            break
    print(f"  started again on the full folder in {time.perf_counter() - started:.1f} s")
    path = "/" + link.split("/", 3)[3]
    first = Browser(link)
    first.post(path, path, {})
    codes = re.findall(r'<option value="([A-Z]{3})"', first.page("/"))[:35]
    origin = link.partition("/enter/")[0]
    desks = {
        code: _seated(f"{origin}/enter/{token}", code)
        for code, token in zip(codes, _tokens(data), strict=True)
    }
    heard: dict[int, dict[str, float]] = {}
    ready = threading.Semaphore(0)
    stop = threading.Event()
    turn = [0]

    def listen(code: str) -> None:
        desk = desks[code]
        connection, answer = desk.ask("GET", "/live")
        answer.fp.readline()
        ready.release()
        while not stop.is_set():
            line = answer.fp.readline()
            if not line:
                break
            # The open page asks again for the part that is live, as its script does.
            if line.startswith(b"event: changed") and f">Alert {turn[0]}<" in desk.page(
                "/", **{"HX-Request": "true"}
            ):
                heard.setdefault(turn[0], {}).setdefault(code, time.perf_counter())
        connection.close()

    listeners = [threading.Thread(target=listen, args=(c,), daemon=True) for c in codes]
    for one in listeners:
        one.start()
    for _ in codes:
        ready.acquire()
    took = []
    for press in range(PRESSES):
        turn[0] = press
        pressed = time.perf_counter()
        first.post(
            "/",
            "/alert",
            {"title": f"Alert {press}", "text": "x", "severity": "severe", "organ": "coalition"},
        )
        deadline = time.perf_counter() + 20
        while len(heard.get(press, {})) < len(codes) - 1 and time.perf_counter() < deadline:
            time.sleep(0.01)
        took += [at - pressed for at in heard.get(press, {}).values()]
        time.sleep(0.3)
    stop.set()
    took.sort()
    line = "  an alert pressed, until each of the other 34 open desks shows it"
    print(
        f"{line}: median {took[len(took) // 2]:.2f} s, 99th percentile "
        f"{took[int(len(took) * 0.99) - 1]:.2f} s "
        f"({len(took)} of {PRESSES * (len(codes) - 1)} shown)"
    )
    for page in PAGES:
        seconds = []
        for _ in range(20):
            at = time.perf_counter()
            first.page(page)
            seconds.append(time.perf_counter() - at)
        seconds.sort()
        print(
            f"  {page:12} median {statistics.median(seconds) * 1e3:6.0f} ms, "
            f"95th percentile {seconds[18] * 1e3:6.0f} ms   asked: under 100 ms"
        )
    status = Path(f"/proc/{server.pid}/status").read_text().split()
    print(
        f"  the process: at most {int(status[status.index('VmHWM:') + 1]) / 1024:.0f} MB"
        "   asked: under 700 MB"
    )
