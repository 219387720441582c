"""What the course adds to its own Sphinx build: its assets and local mathematics."""

import os
from importlib.util import find_spec
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

# What the pages load of MathJax; the whole package is 24 MB.
MATHJAX_PARTS = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "input/tex/extensions",
    "output/chtml.js",
    "output/chtml/fonts",
    "a11y/assistive-mml.js",
)


PLAYGROUND = "book/playground"
PLAYGROUND_SCRIPTS = ("engine.js", "sentence.js", "picture.js", "seeds.js", "view.js")


def package_folder(name):
    """The folder of an installed package, found without importing it (torch takes seconds)."""
    spec = find_spec(name)
    if spec is None:
        raise ExtensionError(f"The package {name!r} is not installed. Build with `make book`, which installs it.")
    return Path(spec.submodule_search_locations[0])


def add_assets(app, config):
    folder = package_folder("sevenlenses")
    parts = ("explorer/explorer.css", "explorer/explorer.js", "quiz/quiz.css")
    config.html_static_path += [str(folder / part) for part in parts]
    for name in ("course.css", "explorer.css", "quiz.css"):
        # After the theme's own style sheets (priority 500), which ours amend.
        app.add_css_file(name, priority=600)
    for name in ("course.js", "explorer.js"):
        app.add_js_file(name, loading_method="defer")


def add_playground(app, pagename, templatename, context, doctree):
    """What only the playground's page loads."""
    if pagename == PLAYGROUND:
        app.add_css_file("playground/playground.css", priority=600)
        for name in PLAYGROUND_SCRIPTS:
            app.add_js_file(f"playground/{name}", loading_method="defer")


def write_playground(app, error):
    """The playground's own files, and the weights of its runs as scripts: a page from the disk can load no others."""
    if error or app.builder.format != "html" or PLAYGROUND not in app.env.found_docs:
        return
    from sevenlenses.playground.page import scripts

    target = Path(app.outdir, "_static", "playground")
    target.mkdir(parents=True, exist_ok=True)
    for name in ("playground.css", *PLAYGROUND_SCRIPTS):
        copy_asset(package_folder("sevenlenses") / "playground" / name, target)
    for name, script in scripts().items():
        (target / name).write_text(script, encoding="utf-8")


def copy_mathjax(app, error):
    if error or app.builder.format != "html":
        return
    source = package_folder("sphinx-mathjax-offline") / "static" / "mathjax"
    for part in MATHJAX_PARTS:
        target = Path(app.outdir, "_static", "mathjax", part)
        copy_asset(source / part, target if (source / part).is_dir() else target.parent)


def mend_citation_roles(app, pagename, templatename, context, doctree):
    """docutils gives papers a role that ARIA has withdrawn; in a list they are its items."""
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')


def setup(app):
    # Chapters execute in kernels started by this process: they show the face that needs no kernel afterwards.
    os.environ["SEVENLENSES_FACE"] = "page"
    app.connect("config-inited", add_assets)
    app.connect("html-page-context", mend_citation_roles)
    app.connect("html-page-context", add_playground)
    app.connect("build-finished", write_playground)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
