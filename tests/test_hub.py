"""A class on a real JupyterHub: ten readers pull, work and save; the course is published again; they pull again.

Nine use the servers' interfaces as JupyterLab does, and one JupyterLab itself, in a browser.
"""

import json
import pwd
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from types import SimpleNamespace

import jupyterhub.app
import jupyterhub.spawner
import nbformat
import pytest
import systemdspawner
import yaml
from launch import pulled
from playwright.sync_api import expect
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

import courses
from hub import CONFIG, ROOT, Hub, Reader, running

SERVER = CONFIG.with_name("jupyterhub_config.py")
VALUES = yaml.safe_load(CONFIG.with_name("values.yaml").read_text())
EXPLORE = "from sevenlenses import explore\nfrom sevenlenses.lenses import access, gradient"
ANSWER, TRAINS = "answer = None  # yours", "explore(access.HIDDEN)"
FIRST = ["First words.", EXPLORE, "explore(gradient.FLOW)", ANSWER, TRAINS, "0"]
# Other words, a cell more on either side of the answer, another call where readers have a picture, none at the end.
SECOND = ["Second words.", EXPLORE, "1", "explore(gradient.FLOW)  # again", "2", ANSWER, "3", TRAINS]


def publish(course: courses.Course, parts: list[str]) -> None:
    """The chapter, of words and cells, by the course's own tools."""
    written = [one if "words" in one else f"```{{code-cell}} python\n{one}\n```" for one in parts]
    head = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n# Chapter"
    course.write("book/chapter.md", "\n\n".join([head, *written]))
    course.commit()
    assert course.deploy()


def work(reader: Reader, link: str) -> None:
    """Pull, run the chapter with an answer of one's own, move a slider, train, and save."""
    reader.follow(link)
    for cell in (one for one in reader.open().cells if one.cell_type == "code"):
        if cell.source == ANSWER:
            cell.source = f"answer = '{reader.name}'"
        made = reader.run(cell)
        if "FLOW" in cell.source:
            reader.move(made)
        if cell.source == TRAINS:
            reader.train(made)
    reader.notebook.cells.append(nbformat.v4.new_markdown_cell(f"A note of {reader.name}."))
    reader.save()


class Browsing:
    """A reader with a browser."""

    def __init__(self, reader: Reader, browser):
        self.reader, self.tab = reader, browser.new_page(viewport={"width": 1280, "height": 1200})
        self.tab.set_default_timeout(300_000)

    def work(self, link: str) -> None:
        tab, name = self.tab, self.reader.name
        tab.goto(link)
        tab.get_by_label("Username").fill(name)
        tab.get_by_role("button", name="Sign in").click()
        answer = tab.locator(".jp-CodeCell", has_text=ANSWER)
        answer.locator(".cm-content").click()
        tab.keyboard.press("ControlOrMeta+a")
        tab.keyboard.insert_text(f"answer = '{name}'")
        expect(tab.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()  # before, what is run may be dropped
        tab.get_by_role("menuitem", name="Run", exact=True).click()
        tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        probe, trains = (tab.locator(".jp-OutputArea-output .widget-vbox").nth(n) for n in (0, 1))
        picture = probe.locator(".sl-picture").inner_html()
        probe.locator(".noUi-handle").first.press("ArrowRight")
        expect(probe.locator(".sl-picture")).not_to_have_js_property("innerHTML", picture)
        trains.get_by_role("button", name="Run").click()
        expect(trains).to_contain_text("finished in")
        tab.keyboard.press("ControlOrMeta+s")

    def close(self) -> None:
        self.tab.close()

    def again(self, link: str) -> None:
        self.tab.goto(link)
        expect(self.tab.locator("p", has_text="Second words.")).to_be_visible()
        errors = self.tab.locator(".jp-Dialog, [data-mime-type='application/vnd.jupyter.error']")
        expect(errors).to_have_count(0)


@pytest.fixture
def course(tmp_path, monkeypatch) -> courses.Course:
    for name, value in courses.own_git(tmp_path / "gitconfig").items():
        monkeypatch.setenv(name, value)
    made = courses.Course(tmp_path)
    publish(made, FIRST)
    return made


def ways_to_kernels(hub: Hub) -> list[str]:
    programs = [one.cmdline() for one in hub.process.children(recursive=True)]
    kernels = [command for command in programs if "ipykernel_launcher" in command]
    return [json.loads(Path(command[command.index("-f") + 1]).read_text())["transport"] for command in kernels]


def test_a_class_loses_nothing_and_sees_no_error_when_the_course_is_published_again(course, tmp_path, browser):
    expect.set_options(timeout=300_000)
    with running(tmp_path / "hub") as hub, ThreadPoolExecutor(9) as nine, ExitStack() as held:
        link = hub.link(course.server.as_uri(), "chapter.ipynb")
        readers = [held.enter_context(closing(Reader(hub, f"reader{n}"))) for n in range(10)]
        page = held.enter_context(closing(Browsing(readers[9], browser)))
        working = [nine.submit(work, one, link) for one in readers[:9]]
        page.work(link)
        for one in working:
            one.result()
        assert ways_to_kernels(hub) == ["ipc"] * 10, "two servers may choose the same port for their kernels"
        publish(course, SECOND)
        pulling = [nine.submit(one.follow, link) for one in readers[:9]]
        page.again(link)
        for one in pulling:
            one.result()
        readers[9].follow(link)  # what the browser saved is read as the others' is
        for one in readers:
            cells = one.saved().cells
            text = [cell.source for cell in cells]
            assert text.count(f"answer = '{one.name}'") == 1 and ANSWER not in text
            assert {"1", "2", "3", "Second words."} <= set("\n".join(text).split("\n")), text
            assert one is readers[9] or f"A note of {one.name}." in text
        since = hub.log().partition("JupyterHub is now running at")[2]  # before, the proxy led nowhere
        assert since and not re.search(r"^\[[EC] |Traceback", since, re.MULTILINE), since


# How notebooks are joined when they are pulled


def cell(source: str) -> dict:
    return {"cell_type": "code", "id": source, "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def run(source: str, words: str = "") -> dict:
    """The cell as its reader has it after running it, with other words in it if any."""
    return cell(source) | {"source": words or source, "outputs": ["a picture"], "execution_count": 1}


@pytest.mark.parametrize(
    ("mine", "published", "joined"),
    [
        ([run("a"), run("b")], [cell("a"), cell("new"), cell("b")], [run("a"), cell("new"), run("b")]),
        ([run("a", "my a"), run("b")], [cell("a"), cell("new")], [run("a", "my a"), cell("new")]),
        ([run("a", "my a"), run("b")], [cell("other a"), cell("b")], [run("a", "my a"), cell("other a"), run("b")]),
        ([cell("a"), cell("my note"), cell("b")], [cell("b")], [cell("my note"), cell("b")]),
        ([cell("a"), cell("b"), cell("my"), cell("notes")], [cell("b"), cell("new")], "b my notes new"),
        ([cell("b")], [cell("a"), cell("b"), cell("new")], [cell("b"), cell("new")]),
    ],
)
def test_a_readers_notebook_is_joined_with_the_published_one_cell_by_cell(mine, published, joined, tmp_path):
    files = [tmp_path / name for name in ("base", "mine", "published")]
    for file, cells in zip(files, ([cell("a"), cell("b")], mine, published), strict=True):
        file.write_text(json.dumps({"cells": cells, "metadata": {}}))
    subprocess.run([sys.executable, CONFIG.with_name("merge_notebooks.py"), *files], check=True)
    cells = json.loads(files[1].read_text())["cells"]
    assert cells == joined if isinstance(joined, list) else " ".join(one["id"] for one in cells) == joined


def test_what_is_no_notebook_is_joined_line_by_line(tmp_path):
    files = [tmp_path / name for name in ("base", "mine", "published")]
    for file, text in zip(files, ("1\n2\n3\n4\n", "1\n2\n3\nmine\n", "new\n2\n3\n4\n"), strict=True):
        file.write_text(text)
    subprocess.run([sys.executable, CONFIG.with_name("merge_notebooks.py"), *files], check=True)
    assert files[1].read_text() == "new\n2\n3\nmine\n"


# What administrators read


def settings(path: Path) -> Config:
    return PyFileConfigLoader(path.name, path=str(path.parent)).load_config()


@pytest.mark.parametrize("path", [SERVER, CONFIG], ids=lambda path: path.stem)
def test_each_setting_is_one_that_its_program_knows(path):
    homes = (jupyterhub.app, jupyterhub.auth, jupyterhub.spawner, jupyterhub.proxy, systemdspawner)
    for program, told in settings(path).items():
        known = next(getattr(home, program) for home in homes if hasattr(home, program))
        assert set(told) <= set(known.class_traits(config=True)), program


def test_a_hub_to_try_has_the_limits_and_the_culler_of_the_server():
    server, loopback = settings(SERVER), settings(CONFIG)
    assert server.SystemdSpawner.isolate_tmp and server.JupyterHub.authenticator_class == "pam"
    assert loopback.JupyterHub.services == server.JupyterHub.services
    for name in ("mem_limit", "cpu_limit", "cmd", "default_url"):
        assert loopback.Spawner.get(name) == server.Spawner.get(name)
    elsewhere = {"JUPYTER_RUNTIME_DIR": loopback.Spawner.environment["JUPYTER_RUNTIME_DIR"]}
    assert loopback.Spawner.environment == server.Spawner.environment | elsewhere


def test_home_folders_are_private_and_nobody_gets_a_server_of_roots(tmp_path, monkeypatch):
    enter = settings(SERVER).Spawner.pre_spawn_hook
    spawner = SimpleNamespace(user=SimpleNamespace(name="root"))
    with pytest.raises(PermissionError, match=r"user id of 1000 or more\. That of root is 0\. Sign in with another"):
        enter(spawner)
    tmp_path.chmod(0o755)
    monkeypatch.setattr(pwd, "getpwnam", lambda name: SimpleNamespace(pw_name=name, pw_uid=1000, pw_dir=str(tmp_path)))
    enter(spawner)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_kubernetes_and_the_server_agree():
    """The chart's own schema is asked in weekly.yml: it comes with the chart."""
    reader, server = VALUES["singleuser"], settings(SERVER)
    assert reader["memory"]["limit"] == server.Spawner.mem_limit and reader["cpu"]["limit"] == server.Spawner.cpu_limit
    places = {sys.executable: "/opt/sevenlenses/bin/python", str(ROOT): "/course"}
    wanted = dict(server.Spawner.environment)
    del wanted["PATH"], wanted["JUPYTER_RUNTIME_DIR"]  # the image's own, and a reader's place has no other kernels
    for here, there in places.items():
        wanted = {name: value.replace(here, there) for name, value in wanted.items()}
    assert reader["extraEnv"] == wanted
    assert set(VALUES["hub"]["config"]["KubeSpawner"]["args"]) < set(server.Spawner.args)
    assert f"--timeout={VALUES['cull']['timeout']}" in server.JupyterHub.services[0]["command"]
    assert reader["defaultUrl"] == pulled("https://example.org/teachers/course", "notebooks")
    without, with_gpu = reader["profileList"]
    assert without["default"] and "kubespawner_override" not in without
    assert with_gpu["kubespawner_override"]["extra_resource_limits"] == {"nvidia.com/gpu": "1"}
