"""Which code a run rests on, as a hash: evidence, and no more.

A changed hash says that numbers may have changed, so that `make verify` has something to measure; an equal one, that
nothing was touched. It decides about no record. Comments and docstrings do not count, nor do registries: what the name
of a model stands for is hashed with the runs of that model alone, so that a new one leaves the others as they are.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
from collections.abc import Container, Iterable, Mapping
from functools import lru_cache
from importlib import import_module

from ..lens import Experiment, Value
from ..models import MODELS, RIVALS

PACKAGE = "sevenlenses"
ALWAYS = (f"{PACKAGE}.training", f"{PACKAGE}.runtime", f"{PACKAGE}.lens.result")
# Drawing, and what decides a run by its words alone, which are part of a record's key.
ASIDE = tuple(f"{PACKAGE}.{name}" for name in ("figures", "lens", "records", "lenses.rates"))
REGISTRIES = {
    f"{PACKAGE}.models": {"MODELS", "RIVALS"},
    f"{PACKAGE}.models.variants": {"WORDS", "STARTS", "VARIANTS", "MAIN", "EVERY"},
    f"{PACKAGE}.tasks": {"TASKS"},
}


def code_of(experiment: Experiment, words: Iterable[str]) -> str:
    """A hash of the code that a run with these words rests on."""
    return code_of_modules([_module(experiment)], subject(words))


def code_of_modules(modules: Iterable[str], model: str) -> str:
    """A hash of these modules and all that they import from this package, and of one model, or of all for ""."""
    return _hash(tuple(sorted(modules)), model)


def modules_of(experiment: Experiment, words: Iterable[str]) -> set[str]:
    """The modules of this package that a run with these words rests on."""
    return _closure([*ALWAYS, _module(experiment), *(kind.__module__ for kind in _kinds(subject(words)).values())])


def origin(experiment: Experiment, settings: Mapping[str, Value]) -> list:
    """All that decides a run's numbers beside its settings: version, words and code. Two machines compare it."""
    words = experiment.words(settings)
    return [experiment.version, words, code_of(experiment, words)]


def subject(words: Iterable[str]) -> str:
    """The model that a run's words name first, or "" where they name none."""
    return next(iter(words), "").split(" ")[0]


def is_aside(module: str) -> bool:
    """Whether a module can decide no number, or only by the words of a run."""
    return any(f"{module}.".startswith(f"{aside}.") for aside in ASIDE) and module not in ALWAYS


def _module(experiment: Experiment) -> str:
    return getattr(experiment.run, "func", experiment.run).__module__  # a partial's own module is functools


def _kinds(model: str) -> dict[str, type]:
    return {name: kind for name, kind in sorted((MODELS | RIVALS).items()) if model in ("", name)}


@lru_cache(maxsize=1024)
def _hash(modules: tuple[str, ...], model: str) -> str:
    digest, kinds = hashlib.sha256(), _kinds(model)
    for name, kind in kinds.items():
        digest.update(f"{name} is {kind.__module__}.{kind.__qualname__}\0".encode())
    for module in sorted(_closure([*ALWAYS, *modules, *(kind.__module__ for kind in kinds.values())])):
        digest.update(f"{module}\0{_essence(module)}\0".encode())
    return digest.hexdigest()[:16]


def _closure(modules: Iterable[str]) -> set[str]:
    found, queue = set(), list(modules)
    while queue:
        module = queue.pop()
        if module not in found:
            found.add(module)
            queue += _imports(module)
    return found


@lru_cache(maxsize=512)
def _imports(module: str) -> tuple[str, ...]:
    """What a module imports from this package. A package counts only where a name is taken from it itself."""
    is_package = importlib.util.find_spec(module).submodule_search_locations is not None
    here = module.split(".") if is_package else module.split(".")[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(source_of(module))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join([*here[: len(here) + 1 - node.level], *([node.module] if node.module else [])])
            inner = {f"{base}.{alias.name}" for alias in node.names}
            modules = {name for name in inner if _exists(name)}
            found |= modules | ({base} if inner - modules else set())
    return tuple(sorted(name for name in found if name != PACKAGE and not is_aside(name)))


@lru_cache(maxsize=2048)
def _exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


@lru_cache(maxsize=512)
def _essence(module: str) -> str:
    return essence(source_of(module), REGISTRIES.get(module, ()))


def source_of(module: str) -> str:
    """A module's source."""
    return inspect.getsource(import_module(module))


def essence(source: str, registries: Container[str] = ()) -> str:
    """What of a module can decide numbers."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [child for child in body if not _says_or_lists(child, registries)] or [ast.Pass()]
    return _spelled(tree)


def _says_or_lists(node: ast.stmt, registries: Container[str]) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
    return isinstance(node, ast.Assign) and any(name in registries for name in names)


def _spelled(node: object) -> str:
    """A syntax tree as text, the same under every Python: `ast.dump` shows empty fields in some versions only."""
    if isinstance(node, ast.AST):
        filled = [(name, value) for name, value in ast.iter_fields(node) if value is not None and value != []]
        return f"{type(node).__name__}({', '.join(f'{name}={_spelled(value)}' for name, value in filled)})"
    if isinstance(node, list):
        return f"[{', '.join(map(_spelled, node))}]"
    return repr(node)
