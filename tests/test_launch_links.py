"""Where the launch buttons lead: GitHub, GitLab, a server of one's own, a JupyterHub."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from launch import services, write
from playwright.sync_api import expect

from first_cell import ROOT, BadAddress, Repository, read

pytestmark = pytest.mark.slow

GITHUB, GITLAB, OWN = (
    f"https://{place}/course" for place in ("github.com/ada", "gitlab.com/uni/ai", "git.uni.example/ai")
)
PLACEHOLDER = re.search(r"^  url: (\S+)$", (ROOT / "_config.yml").read_text(), re.MULTILINE)[1]
# The first release of each that runs on Node 24. Runners drop Node 20 in 2026.
NODE_24 = {"checkout": 5, "deploy-pages": 5, "download-artifact": 7, "setup-python": 6}
NODE_24 |= {"upload-artifact": 6, "upload-pages-artifact": 5}
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def config(root: Path, **repository: str) -> Path:
    (root / "_config.yml").write_text(yaml.safe_dump({"repository": repository}))
    return root


@pytest.mark.parametrize(
    ("url", "links"),
    [
        (
            GITHUB,
            {
                "Binder": "https://mybinder.org/v2/gh/ada/course/term%2F26?urlpath=lab/tree/gates.ipynb",
                "Colab": "https://colab.research.google.com/github/ada/course/blob/term/26/gates.ipynb",
            },
        ),
        (GITLAB, {"Binder": "https://mybinder.org/v2/gl/uni%2Fai%2Fcourse/term%2F26?urlpath=lab/tree/gates.ipynb"}),
        (
            OWN,
            {
                "Binder": "https://mybinder.org/v2/git/https%3A%2F%2Fgit.uni.example%2Fai%2Fcourse/term%2F26"
                "?urlpath=lab/tree/gates.ipynb"
            },
        ),
        (PLACEHOLDER, {}),
        ("", {}),
    ],
)
@pytest.mark.parametrize("ending", ["", "/", ".git"])
def test_one_key_serves_every_server_and_branch(tmp_path, url, links, ending):
    root = config(tmp_path, url=url and url + ending, notebooks="term/26", hub="https://hub.uni.example/")
    found = {name: link for name, _, link in services(read(root), "gates.ipynb")}
    hub = found.pop("JupyterHub", None)
    assert found == links
    assert bool(hub) == bool(links)
    if hub:
        assert hub.startswith("https://hub.uni.example/hub/user-redirect/git-pull?")
        asked = {"repo": [url], "branch": ["term/26"], "urlpath": ["lab/tree/course/gates.ipynb"]}
        assert parse_qs(urlsplit(hub).query) == asked


@pytest.mark.parametrize(
    "told",
    [
        {"url": "git@github.com:ada/course.git"},
        {"url": "ada/course"},
        {"url": "https://ada:secret@github.com/ada/course"},
        {"url": "https://github.com"},
        {"url": GITHUB, "hub": "hub.uni.example"},
        {"url": GITHUB, "hub": "https://hub.uni.example/hub?next=x"},
    ],
)
def test_what_no_reader_can_open_is_refused_with_the_key_and_the_rule(tmp_path, told):
    key, value = [*told.items()][-1]
    with pytest.raises(
        BadAddress, match=rf"`repository: {key}:` .* must be an address .* It is {re.escape(repr(value))}"
    ):
        read(config(tmp_path, **told))


def test_a_fork_writes_its_address_and_nothing_else(tmp_path):
    shutil.copy(ROOT / "_config.yml", tmp_path)
    before = (tmp_path / "_config.yml").read_text()
    write(tmp_path, OWN)
    assert read(tmp_path).url == OWN
    assert (tmp_path / "_config.yml").read_text() == before.replace(PLACEHOLDER, OWN)
    with pytest.raises(BadAddress, match=r"must have one line"):
        write(config(tmp_path), OWN)


# Pages


@pytest.fixture
def build(tmp_path):
    """A function that builds a book of one page with this course's own settings, at the given address."""
    for name in ("_config.yml", "book/_ext", "book/_static", "book/_templates", "book/references.bib"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: book/gates\n")
    header = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
    (tmp_path / "book/gates.md").write_text(header + "# Gates\n\nWords.\n")

    def make(url: str, hub: str = "") -> tuple[str, str]:
        text = (tmp_path / "_config.yml").read_text()
        (tmp_path / "_config.yml").write_text(text.replace(PLACEHOLDER, url).replace('hub: ""', f"hub: {hub!r}"))
        command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "--all", "-W", "--keep-going", "-n"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return (tmp_path / "_build/html/book/gates.html").read_text(), done.stdout + done.stderr

    return make


def test_with_the_placeholder_a_page_has_no_button_and_the_build_says_what_to_fill_in(build):
    page, said = build(PLACEHOLDER)
    assert PLACEHOLDER not in page and "fa-rocket" not in page
    assert said.count("No launch buttons: `repository: url:` in _config.yml is not set.") == 1


def test_a_page_has_the_buttons_of_its_server_and_of_its_hub(build):
    page, said = build(OWN, "https://hub.uni.example")
    assert "No launch buttons" not in said
    assert 'href="https://mybinder.org/v2/git/' in page and f'href="{OWN}"' in page
    assert 'href="https://hub.uni.example/hub/user-redirect/git-pull?' in page
    assert "colab.research" not in page


def test_the_hubs_button_pulls_the_notebooks_and_opens_the_chapter(notebooks, browser, jupyterlab, tmp_path):
    """In a real JupyterLab with the real nbgitpuller; a hub's `user-redirect` leads to just that."""
    repository = tmp_path / "course"
    shutil.copytree(notebooks, repository)
    git = ["git", "-C", repository, "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for arguments in (
        ["init", "--quiet", "--initial-branch=term/26"],
        ["add", "."],
        ["commit", "--quiet", "-m", "all"],
    ):
        subprocess.run([*git, *arguments], check=True)
    ((*_, link),) = [
        one
        for one in services(Repository(repository.as_uri(), "term/26", "https://hub.uni.example"), "ledger.ipynb")
        if one[0] == "JupyterHub"
    ]
    base, _, token = jupyterlab.partition("/lab?")
    tab = browser.new_page()
    tab.set_default_timeout(120_000)
    tab.goto(link.replace("https://hub.uni.example/hub/user-redirect", base) + "&" + token)
    tab.wait_for_url("**/lab/tree/course/ledger.ipynb*")
    shown = tab.locator(".jp-NotebookPanel:visible h1").first  # not another test's tab, restored
    expect(shown).to_contain_text("ledger", ignore_case=True, timeout=120_000)
    tab.close()


# Workflows


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_run_on_a_node_that_runners_keep(workflow):
    used = re.findall(r"uses: actions/([\w-]+)@\w+ # v(\d+)\.", workflow.read_text())
    assert used
    assert {name: version for name, version in used if int(version) < NODE_24[name]} == {}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_what_workflows_run_is_there(workflow):
    jobs = yaml.safe_load(workflow.read_text())["jobs"].values()
    commands = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    commands += [
        one["open"]
        for job in jobs
        for one in job.get("strategy", {}).get("matrix", {}).get("include", [])
        if "open" in one
    ]
    for command in commands:
        subprocess.run(["bash", "-n"], input=re.sub(r"\$\{\{.*?\}\}", "x", command), text=True, check=True)
        for target in re.findall(r"\bmake ([.\w-]+)", command):
            assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(), re.MULTILINE), target
        for script in re.findall(r"[\w./]+\.(?:py|sh)\b", command):
            assert (ROOT / script).is_file(), script
        for program in re.findall(r"\.venv/bin/([\w-]+)", command):
            assert Path(sys.executable).with_name(program).is_file(), program


def test_both_actions_and_packages_are_kept_current():
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    assert {one["package-ecosystem"] for one in updates} == {"github-actions", "pip"}
