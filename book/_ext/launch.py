"""Where the course lives, by `_config.yml`, and the buttons that run a chapter elsewhere.

`python book/_ext/launch.py` prints what is set; with an ADDRESS it first writes that into `_config.yml`, as a fork's
workflow does.

The theme's own launch buttons point at the Markdown source, which no service runs; ours at the generated notebook.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import yaml

CONFIG = "_config.yml"
LINE = re.compile(r"^(  url: ).*$", re.MULTILINE)


class BadAddress(ValueError):
    """What `_config.yml` says is no address that a reader can open."""


@dataclass(frozen=True)
class Repository:
    """Where readers' buttons lead.

    Attributes:
        url: the address that a browser opens; empty while it is not set.
        notebooks: the branch that holds the notebooks.
        hub: the address of the course's own JupyterHub, or empty.
    """

    url: str
    notebooks: str = "notebooks"
    hub: str = ""

    @property
    def remark(self) -> str:
        """What to tell whoever builds the course, if anything."""
        what = f"No launch buttons: `repository: url:` in {CONFIG} is not set. Write your repository's address there."
        return "" if self.url else what


def read(root: Path) -> Repository:
    """What `_config.yml` says.

    Raises:
        BadAddress: naming the key, the rule, the value and the remedy.
    """
    told = yaml.safe_load((root / CONFIG).read_text(encoding="utf-8")).get("repository") or {}
    url = checked("url", told.get("url"), "https://HOST/OWNER/NAME").removesuffix(".git")
    hub = checked("hub", told.get("hub"), "https://HOST").removesuffix("/hub")
    if urlsplit(url).path.startswith("/example/"):  # the placeholder
        url = ""
    return Repository(url, str(told.get("notebooks") or "notebooks"), hub)


def checked(key: str, value: object, form: str) -> str:
    """An address without a slash at its end, or nothing."""
    address = str(value or "").strip().rstrip("/")
    parts = urlsplit(address)
    right = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    right = right and "@" not in parts.netloc and not re.search(r"\s", address) and (parts.path or key == "hub")
    if address and not right:
        rule = f"must be an address that a reader's browser opens, {form}, without a user, a password or a query"
        raise BadAddress(f"`repository: {key}:` in {CONFIG} {rule}. It is {value!r}. Correct it, or leave it empty.")
    return address


def services(repository: Repository, notebook: str) -> list[tuple[str, str, str]]:
    """Name, icon and address of each service that can open a notebook of this repository."""
    if not repository.url:
        return []
    url, branch = repository.url, quote(repository.notebooks, safe="")
    host, path = urlsplit(url).netloc, urlsplit(url).path.strip("/")
    known = {"github.com": f"gh/{path}", "gitlab.com": "gl/" + quote(path, safe="")}
    place = known.get(host) or "git/" + quote(url, safe="")
    binder = f"https://mybinder.org/v2/{place}/{branch}?urlpath=lab/tree/{notebook}"
    found = [("Binder", "_static/images/logo_binder.svg", binder)]
    if host == "github.com":  # Colab reads from nowhere else
        colab = f"https://colab.research.google.com/github/{path}/blob/{quote(repository.notebooks)}/{notebook}"
        found.append(("Colab", "_static/images/logo_colab.png", colab))
    if repository.hub:
        link = f"{repository.hub}/hub/user-redirect{pulled(url, repository.notebooks, notebook)}"
        found.append(("JupyterHub", "_static/images/logo_jupyterhub.svg", link))
    return found


def pulled(url: str, branch: str, notebook: str = "") -> str:
    """On a reader's own server: where nbgitpuller brings the branch up to date and opens a notebook, or the folder."""
    opened = f"lab/tree/{url.split('/')[-1]}/{notebook}"  # nbgitpuller clones into a folder of that name
    return "/git-pull?" + urlencode({"repo": url, "branch": branch, "urlpath": opened}, quote_via=quote)


def setup(app):
    app.connect("config-inited", look_up)
    # After the theme (priority 500) has made its list of buttons.
    app.connect("html-page-context", add_buttons, priority=900)
    app.connect("build-finished", say_what_is_missing)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def look_up(app, config):
    from sphinx.errors import ExtensionError  # late: a hub reads the address too, and has no Sphinx

    try:
        app.course = read(Path(app.srcdir))
    except BadAddress as error:
        raise ExtensionError(str(error)) from error
    # The theme makes nothing of the address here, and stops at a server that it does not know.
    config.html_theme_options.pop("repository_url", None)


def say_what_is_missing(app, error):
    """At the end, where it is seen; no warning, which would fail the build of everybody's first fork."""
    from sphinx.util import logging

    if not error and app.course.remark:
        logging.getLogger(__name__).info(app.course.remark, color="yellow")


def add_buttons(app, pagename, templatename, context, doctree):
    """The repository on every page; the services where there is code to run."""
    repository = app.course
    if doctree is None or not repository.url:
        return
    launch = {
        "type": "group",
        "tooltip": "Run this chapter",
        "icon": "fas fa-rocket",
        "label": "launch-buttons",
        "buttons": [
            {"type": "link", "text": name, "url": url, "tooltip": f"Open this chapter on {name}", "icon": icon}
            for name, icon, url in services(repository, f"{Path(pagename).name}.ipynb")
        ],
    }
    source = {"type": "link", "url": repository.url, "tooltip": "Source of the course", "icon": "fas fa-code-branch"}
    has_code = "kernelspec" in app.env.metadata[pagename]
    context["header_buttons"][:0] = [launch, source] if has_code else [source]


def write(root: Path, address: str) -> None:
    """Put `address` into `_config.yml`, and leave everything else there as it is."""
    checked("url", address, "https://HOST/OWNER/NAME")
    config = root / CONFIG
    text, count = LINE.subn(lambda match: match[1] + address, config.read_text(encoding="utf-8"))
    if count != 1:
        raise BadAddress(f"{CONFIG} must have one line `  url: ADDRESS`, below `repository:`. It has {count}.")
    config.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    try:
        if sys.argv[1:]:
            write(here, sys.argv[1])
        told = read(here)
    except BadAddress as error:
        sys.exit(str(error))
    print(*(f"{name}={value}" for name, value in vars(told).items()), sep="\n")
