"""A real JupyterHub on this machine, and readers who use it as JupyterLab does, through the servers' own interfaces.

`tools/bench_hub.py` measures with it and `tests/test_hub.py` tests with it. A browser for each reader would cost this
machine more than the hub does; one real browser, in the test, does the same.
"""

import contextlib
import json
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

import nbformat
import psutil
import requests
import websocket

sys.path.append(str(Path(__file__).resolve().parents[1] / "book/_ext"))
from launch import pulled

ROOT = Path(__file__).resolve().parent.parent

CONFIG = ROOT / "deploy/hub/loopback_config.py"
PATIENCE = 900  # seconds: a whole class on two cores


class WentWrong(RuntimeError):
    """A reader saw an error."""


@contextlib.contextmanager
def running(home: Path) -> Iterator["Hub"]:
    """A hub, until the block ends. `home` keeps its database, its log and the readers' home folders."""
    with contextlib.ExitStack() as held:
        ports = [held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(3)]
    public, hub, proxy = (f"http://127.0.0.1:{port}" for port in ports)
    home.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "jupyterhub", f"--config={CONFIG}", f"--JupyterHub.bind_url={public}"]
    command += [f"--JupyterHub.hub_bind_url={hub}", f"--ConfigurableHTTPProxy.api_url={proxy}"]
    with (home / "log.txt").open("w") as log:
        program = subprocess.Popen(command, cwd=home, stdout=log, stderr=subprocess.STDOUT)
    one = Hub(public, home, psutil.Process(program.pid))
    try:
        deadline = time.monotonic() + PATIENCE
        while not one.answers():
            if program.poll() is not None or time.monotonic() > deadline:
                raise WentWrong(f"The hub did not start:\n{one.log()}")
            time.sleep(0.2)
        yield one
    finally:
        program.terminate()  # its readers' servers end with it
        program.wait()


class Taken(NamedTuple):
    """What programs take: megabytes, what several share shared out among them; and seconds of one core so far."""

    memory: float
    work: float


class Hub:
    """A running hub.

    Attributes:
        address: http://127.0.0.1:PORT
        home: the folder with `homes/NAME`.
    """

    def __init__(self, address: str, home: Path, process: psutil.Process):
        self.address, self.home, self.process = address, home, process

    def link(self, repository: str, notebook: str) -> str:
        """What a chapter's button leads to."""
        return f"{self.address}/hub/user-redirect{pulled(repository, 'notebooks', notebook)}"

    def answers(self) -> bool:
        with contextlib.suppress(requests.ConnectionError):
            return requests.get(f"{self.address}/hub/health", timeout=60).ok
        return False

    def log(self) -> str:
        return (self.home / "log.txt").read_text()

    def taken(self) -> dict[str, Taken]:
        """What each reader takes, server and kernels, and `""`, the hub with its proxy."""
        found: dict[str, Taken] = {}
        for one in [self.process, *self.process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                owner, times = one.environ().get("JUPYTERHUB_USER", ""), one.cpu_times()
                before = found.get(owner, Taken(0, 0))
                memory = before.memory + one.memory_full_info().pss / 1e6
                found[owner] = Taken(memory, before.work + times.user + times.system)
        return found


class Reader:
    """One reader: a browser's cookies, a server, a kernel, and the widgets that it shows."""

    def __init__(self, hub: Hub, name: str):
        self.hub, self.name, self.base = hub, name, f"{hub.address}/user/{name}"
        self.http = requests.Session()
        self.models: dict[str, dict] = {}  # the widgets' states, as a front end keeps them
        self.channel: websocket.WebSocket | None = None

    def follow(self, link: str) -> None:
        """Click the link: sign in if need be, wait for the server, and let nbgitpuller bring the course."""
        page = self.get(link)
        if "/hub/login" in page.url:
            entry = {"username": self.name, "password": "", "_xsrf": self.cookie("_xsrf", "/hub/")}
            page = self.checked(self.http.post(page.url, entry, timeout=PATIENCE))
        if "/spawn-pending/" in page.url:
            progress = f"{self.hub.address}/hub/api/users/{self.name}/server/progress"
            self.events(progress, {"_xsrf": self.cookie("_xsrf", "/hub/")}, "ready", "failed")
            page = self.get(link)
        if "/git-pull" not in page.url:
            raise WentWrong(f"{self.name} is led to {page.url}")
        asked = {key: value[0] for key, value in parse_qs(urlsplit(link).query).items()}
        query = {"repo": asked["repo"], "branch": asked["branch"], "_xsrf": self.cookie("_xsrf")}
        self.events(f"{self.base}/git-pull/api", query, "finished", "error")
        self.path = asked["urlpath"].removeprefix("lab/tree/")
        self.get(f"{self.base}/{asked['urlpath']}")

    def open(self) -> nbformat.NotebookNode:
        """The notebook that the link leads to, with a kernel."""
        self.notebook = self.saved()
        wanted = {"path": self.path, "name": self.path, "type": "notebook", "kernel": {"name": "python3"}}
        kernel = self.send("POST", "api/sessions", wanted)["kernel"]["id"]
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies if one.path in ("/", self.at))
        address = f"{self.base}/api/kernels/{kernel}/channels".replace("http", "ws", 1)
        self.channel = websocket.create_connection(address, timeout=PATIENCE, cookie=cookies)
        return self.notebook

    def run(self, cell: nbformat.NotebookNode) -> list[str]:
        """Run a cell; its outputs are the cell's from now on. Returns the widgets that it made."""
        before = set(self.models)
        asked = self.tell("execute_request", {"code": cell.source, "silent": False, "store_history": True})
        cell.outputs, ended = [], set()

        def take(message: dict) -> bool:
            kind, content = message["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") != asked:
                return False
            if kind == "error":
                raise WentWrong("\n".join([f"{self.name}:", cell.source, *content["traceback"]]))
            if kind in ("execute_result", "display_data", "stream"):
                cell.outputs.append(nbformat.v4.output_from_msg(message))
            if kind == "execute_reply":
                cell.execution_count = content["execution_count"]
            if kind == "execute_reply" or content.get("execution_state") == "idle":
                ended.add(kind)
            return len(ended) == 2

        self.listen(take)
        return [one for one in self.models if one not in before]

    def move(self, widgets: list[str]) -> None:
        """Move the first slider by one stop, and wait for another picture."""
        slider = self.find(widgets, lambda one: one.get("_model_name") == "SelectionSliderModel")
        picture = self.find(widgets, pictured)
        there, before = self.models[slider], self.models[picture]["value"]
        index = (there["index"] + 1) % len(there["_options_labels"])
        there["index"] = index
        self.tell_widget(slider, {"method": "update", "state": {"index": index}, "buffer_paths": []})
        self.listen(lambda _: self.models[picture]["value"] != before)

    def train(self, widgets: list[str]) -> None:
        """Press Run, and wait for the end of the run."""
        button = self.find(widgets, lambda one: one.get("description") == "Run")
        self.tell_widget(button, {"method": "custom", "content": {"event": "click"}})
        self.listen(lambda _: self.says(widgets, "finished in"))

    def says(self, widgets: list[str], words: str) -> bool:
        return any(words in str(self.models[one].get("value")) for one in widgets)

    def save(self) -> None:
        self.send("PUT", f"api/contents/{self.path}", {"type": "notebook", "content": self.notebook})

    def saved(self) -> nbformat.NotebookNode:
        """What the server would open now, which must be a valid notebook."""
        notebook = nbformat.from_dict(self.send("GET", f"api/contents/{self.path}")["content"])
        nbformat.validate(notebook)
        return notebook

    # What a front end does below.

    @property
    def at(self) -> str:
        return f"/user/{self.name}/"

    def cookie(self, name: str, path: str = "") -> str:
        return self.http.cookies.get(name, path=path or self.at)

    def get(self, address: str) -> requests.Response:
        return self.checked(self.http.get(address, timeout=PATIENCE))

    def send(self, method: str, path: str, body: dict | None = None) -> dict:
        head = {"X-XSRFToken": self.cookie("_xsrf")}
        asked = self.http.request(method, f"{self.base}/{path}", json=body, headers=head, timeout=PATIENCE)
        return self.checked(asked).json()

    def checked(self, answer: requests.Response) -> requests.Response:
        if not answer.ok:
            raise WentWrong(f"{self.name}: {answer.status_code} from {answer.url}\n{answer.text[:2000]}")
        return answer

    def events(self, address: str, query: dict, good: str, bad: str) -> None:
        """Follow a stream of events to its good end."""
        said = []
        with self.http.get(address, params=query, stream=True, timeout=PATIENCE) as stream:
            for line in self.checked(stream).iter_lines(decode_unicode=True):
                if line.startswith("data:"):
                    event = json.loads(line.removeprefix("data:"))
                    said.append(line)
                    if event.get(bad) or event.get("phase") == bad:
                        break
                    if event.get(good) or event.get("phase") == good:
                        return
        raise WentWrong("\n".join([f"{self.name}: {address} did not end with {good}.", *said]))

    def find(self, widgets: list[str], right: Callable[[dict], bool]) -> str:
        """Wait for such a widget among these."""
        while not (found := [one for one in widgets if right(self.models[one])]):
            self.listen(lambda _: True)
        return found[0]

    def tell_widget(self, widget: str, data: dict) -> None:
        self.tell("comm_msg", {"comm_id": widget, "data": data})

    def tell(self, kind: str, content: dict) -> str:
        head = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "username": self.name, "session": self.name}
        head |= {"date": "", "version": "5.4"}
        parts = {"header": head, "parent_header": {}, "metadata": {}, "content": content}
        self.channel.send(json.dumps(parts | {"channel": "shell", "buffers": []}))
        return head["msg_id"]

    def listen(self, enough: Callable[[dict], bool]) -> None:
        """Take messages, and keep the widgets' states, until it is enough."""
        while True:
            message = json.loads(self.channel.recv())
            kind, content = message["msg_type"], message["content"]
            if kind == "comm_open":
                self.models[content["comm_id"]] = dict(content["data"].get("state", {}))
            elif kind == "comm_msg" and content["data"].get("method") == "update":
                self.models.setdefault(content["comm_id"], {}).update(content["data"]["state"])
            if any('class="sl-error"' in str(one.get("value")) for one in self.models.values()):
                raise WentWrong(f"{self.name}: an explorer shows an error")
            if enough(message):
                return

    def close(self) -> None:
        if self.channel:
            self.channel.close()
        self.http.close()


def pictured(widget: dict) -> bool:
    return "<svg" in str(widget.get("value"))
