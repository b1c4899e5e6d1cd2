"""The room, killed in the middle of clicks: nothing acknowledged is lost, nothing is doubled.

A real process, real HTTP on the loopback, SIGKILL at moments by chance. Whoever
got no answer presses again after the restart, as people do.
"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from tests.bench.room import Browser

KILLS = int(os.environ.get("COMITY_ROOM_KILLS", "30"))


def test_a_room_killed_in_the_middle_of_clicks_loses_and_doubles_nothing(tmp_path):
    chance = random.Random(7)
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.served_room", str(tmp_path / "house")],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    acknowledged: list[str] = []
    unanswered: list[str] = []
    number = 0
    try:
        for _ in range(KILLS):
            pid, desk = start(program)
            for title in unanswered:  # pressed before the kill, and not answered: pressed again
                assert press(desk, title)
                acknowledged.append(title)
            unanswered = []
            killer = threading.Timer(chance.uniform(0.02, 0.35), os.kill, (pid, signal.SIGKILL))
            killer.start()
            while True:
                number += 1
                title = f"Notice {number}"
                try:
                    answered = press(desk, title)
                except OSError:
                    answered = False
                if not answered:
                    unanswered.append(title)
                    break
                acknowledged.append(title)
            killer.join()
        pid, desk = start(program)
        seen = Counter(titles(desk))
        os.kill(pid, signal.SIGKILL)
    finally:
        program.stdin.close()
        program.kill()
        program.wait()
        program.stdout.close()
    assert len(acknowledged) > KILLS
    lost = [title for title in acknowledged if seen[title] == 0]
    doubled = [title for title, count in seen.items() if count > 1]
    assert not lost
    assert not doubled


def start(program):
    program.stdin.write("start\n")
    program.stdin.flush()
    pid, address = program.stdout.readline().split()
    desk = Browser(address)
    path = "/" + address.split("/", 3)[3]
    for _ in range(100):
        try:
            assert desk.post(path, path, {}) == 302
            break
        except OSError:
            time.sleep(0.05)
    desk.token = desk.page("/").split('csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]
    return int(pid), desk


def press(desk, title):
    """Press the button; tell whether it was acknowledged."""
    fields = {
        "csrfmiddlewaretoken": desk.token,
        "title": title,
        "text": "x",
        "severity": "minor",
        "organ": "coalition",
    }
    return desk.send("/alert", fields) == 302


def titles(desk):
    """Return what another member's desk shows: every alert once or more."""
    page = desk.page("/")
    token = page.split('csrfmiddlewaretoken" value="', 1)[1].split('"', 1)[0]
    assert (
        desk.send("/desk", {"csrfmiddlewaretoken": token, "member": "Dorn", "office": "whole desk"})
        == 302
    )
    import re

    return re.findall(r">(Notice \d+)<", desk.page("/"))
