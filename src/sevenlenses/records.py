"""Recorded runs: one small text file per experiment, settings and seed, written whole or not at all.

A record carries a hash of the code that made it. Code that has changed since makes it stale, and a stale record is
refused, never shown. Only what the run depends on counts: the experiment's own module, the models, tasks and training
loop it imports; not comments, documentation or drawing.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import inspect
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from .lens import Experiment, Result, Value

PACKAGE = "sevenlenses"
ASIDE = {  # what decides no number by itself: their choices are among the words of `Experiment.depends`
    f"{PACKAGE}.{name}" for name in ("figures", "lens", "models.variants", "lenses.rates")
}


class RecordError(LookupError):
    """A record is missing, broken or stale; the message says which and what to do."""


class Missing(RecordError):
    """There is no record at these settings."""


def home() -> Path:
    """The folder of records: the repository's own, or the copy inside an installed package."""
    inside = Path(__file__).parent / "_records"
    return inside if inside.exists() else Path(__file__).parents[2] / "records"


def path_of(experiment: Experiment, settings: Mapping[str, Value], seed: int) -> Path:
    """Where the record of these settings and this seed lives; the name reads as what it holds."""
    words = [f"{name}={value:g}" if isinstance(value, float) else f"{name}={value}" for name, value in settings.items()]
    return home() / experiment.name / (",".join([*words, f"seed={seed}"]) + ".json")


def save(experiment: Experiment, settings: Mapping[str, Value], seed: int, result: Result) -> Path:
    """Write one seed's result atomically: a reader sees the old file or the new one, whatever happens meanwhile."""
    path = path_of(experiment, settings, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "experiment": experiment.name,
        "code": code_hash(experiment, settings),
        "result": json.loads(result.to_json()),
    }
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(record, file, separators=(",", ":"))
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return path


def load_one(experiment: Experiment, settings: Mapping[str, Value], seed: int) -> Result:
    """One seed's result.

    Raises:
        RecordError: there is none, it is broken, or the code that made it has changed.
    """
    path = path_of(experiment, settings, seed)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        made_by = record["code"]
        result = experiment.result.from_json(json.dumps(record["result"]))
    except FileNotFoundError:
        raise Missing(f"no recorded run {path.name} of {experiment.name}; run `make record`.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(f"the record {path.name} is broken ({error}); delete it and run `make record`.") from error
    if made_by != code_hash(experiment, settings):
        raise RecordError(f"the record {path.name} is stale: the code that made it has changed; run `make record`.")
    return result


def load(experiment: Experiment, settings: Mapping[str, Value], seeds: Iterable[int] | None = None) -> Result:
    """The results of all the experiment's seeds at these settings, or of the `seeds` given, joined into one."""
    if experiment.gather is not None:
        return experiment.gather(load, settings)
    return experiment.result.join([load_one(experiment, settings, seed) for seed in seeds or experiment.seeds])


def code_hash(experiment: Experiment, settings: Mapping[str, Value]) -> str:
    """A hash of the code that a run at `settings` depends on."""
    needs = [
        getattr(experiment.run, "func", experiment.run).__module__,  # a partial's own module is functools
        *experiment.depends(settings),
    ]
    return hash_of(needs)


def hash_of(needs: list[str]) -> str:
    """A hash of modules of this package, all that they import from it, and other words that a run depends on."""
    modules = [need for need in needs if need.startswith(f"{PACKAGE}.")]
    return _hash(tuple(sorted({*_closure(modules), *needs})))


@lru_cache(maxsize=256)
def _hash(needs: tuple[str, ...]) -> str:
    digest = hashlib.sha256()
    for need in needs:
        digest.update(need.encode() + b"\0")
        if need.startswith(f"{PACKAGE}."):
            digest.update(essence(_source(need)).encode() + b"\0")
    return digest.hexdigest()[:16]


def _closure(modules: list[str]) -> set[str]:
    """The modules and all that they import from this package; registries and pictures aside."""
    found, queue = set(), list(modules)
    while queue:
        module = queue.pop()
        if module not in found:
            found.add(module)
            queue += _imports(module)
    return found


@lru_cache(maxsize=256)
def _imports(module: str) -> tuple[str, ...]:
    found = []
    for node in ast.walk(ast.parse(_source(module))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = ".".join(module.split(".")[: -node.level] + ([node.module] if node.module else []))
            candidates = [base, *(f"{base}.{alias.name}" for alias in node.names)]
            found += [name for name in candidates if name.startswith(f"{PACKAGE}.") and _is_plain_module(name)]
    return tuple(name for name in found if name not in ASIDE)


def _is_plain_module(name: str) -> bool:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return False
    return spec is not None and not spec.submodule_search_locations


@lru_cache(maxsize=256)
def _source(module: str) -> str:
    return inspect.getsource(importlib.import_module(module))


def essence(source: str) -> str:
    """What of a module decides numbers: its syntax tree without documentation, drawing and descriptions of knobs."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [child for child in body if not _is_prose(child)] or [ast.Pass()]
    return _spelled(tree)


def _spelled(node: object) -> str:
    """A syntax tree as text, the same under every Python: `ast.dump` shows empty fields in some versions only."""
    if isinstance(node, ast.AST):
        filled = [(name, value) for name, value in ast.iter_fields(node) if value is not None and value != []]
        return f"{type(node).__name__}({', '.join(f'{name}={_spelled(value)}' for name, value in filled)})"
    if isinstance(node, list):
        return f"[{', '.join(map(_spelled, node))}]"
    return repr(node)


def _is_prose(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.FunctionDef):
        return node.name.startswith(("draw", "describe"))
    names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
    return any(isinstance(node, ast.Assign) and name.isupper() and _makes(node.value) for name in names)


def _makes(value: ast.expr) -> bool:
    """Whether an assignment describes controls (a dict of Knob) or puts an Experiment together."""
    called = {
        node.func.id for node in ast.walk(value) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return bool(called & {"Knob", "Experiment", "Lens"})
