"""What hostile students write in place of `step_back`, and whether it goes on until it is stopped.

A word in capitals stands for a place of the test's.
"""

ATTACKS = {
    "overwrites check": (
        False,
        """
import sevenlenses

sevenlenses.check = lambda *_, **__: print("right")
check = sevenlenses.check


def step_back(*_):
    return 1
""",
    ),
    "overwrites the table": (
        False,
        """
from sevenlenses.lenses.gradient import exercises

for one in exercises.EXERCISES:
    object.__setattr__(one, "judge", lambda *_, **__: None)
    object.__setattr__(type(one), "collect", lambda *_: 3.0)


def step_back(*_):
    return 1
""",
    ),
    "prints results and leaves": (
        False,
        """
import os

for fd in range(1, 64):
    try:
        os.write(fd, b'{"ended": "collected", "values": {"float": "0x1.8p+1"}, "right": true, "share": 1}')
    except OSError:
        pass
os._exit(0)
step_back = 1
""",
    ),
    "leaves": (
        False,
        """
raise SystemExit(0)
step_back = 1
""",
    ),
    "never ends": (
        True,
        """
def step_back(*_):
    while True:
        pass
""",
    ),
    "sleeps": (
        True,
        """
import time


def step_back(*_):
    time.sleep(1e6)
""",
    ),
    "forks": (
        True,
        """
import os


def step_back(*_):
    while True:
        try:
            os.fork()
        except OSError:
            pass
""",
    ),
    "kills": (
        True,
        """
import os


def step_back(*_):
    os.kill(os.getppid(), 9)
    os.kill(-1, 9)
""",
    ),
    "takes memory": (
        True,
        """
def step_back(*_):
    held = []
    while True:
        held.append(bytearray(10**8))
""",
    ),
    "gives too much": (
        False,
        """
import numpy as np


def step_back(*_):
    return np.zeros((2000, 2000))
""",
    ),
    "prints for ever": (
        True,
        """
def step_back(*_):
    while True:
        print("x" * 10**6)
""",
    ),
    "asks the network": (
        False,
        """
import socket


def step_back(*_):
    return socket.create_connection(("127.0.0.1", PORT), 2)
""",
    ),
    "reads what is not its own": (
        False,
        """
def step_back(*_):
    raise ValueError(open(SECRET).read())
""",
    ),
    "writes outside": (
        False,
        """
def step_back(*_):
    open(OUTSIDE, "w").write("x")
    return 1
""",
    ),
    "recurses": (
        True,
        """
import sys


def step_back(*_):
    sys.setrecursionlimit(10**9)
    return step_back()
""",
    ),
    "gives an object that misleads": (
        False,
        """
class Right:
    dtype = property(lambda self: 1 / 0)

    def __repr__(self):
        return "<b>" * 9

    def __eq__(self, other):
        return True


def step_back(*_):
    return Right()
""",
    ),
}
