"""The package's own rules, read from its source: who may import whom, what loads what, and where chance comes from."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sevenlenses

HOME = Path(sevenlenses.__file__).parent
FILES = sorted(HOME.rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}

ALLOWED = {  # layer: the layers that it may import
    "settings": set(),
    "runtime": {"settings"},
    "exercises": set(),
    "files": set(),
    "kata": set(),
    "figures": {"settings"},
    "lens": {"exercises", "settings"},
    "models": {"runtime", "settings"},
    "tasks": {"settings"},
    "training": {"runtime", "settings", "models", "tasks"},
    "lenses": {"exercises", "lens", "figures", "runtime", "models", "tasks", "training", "records", "kata"},
    "records": {"files", "lens"},
    "explorer": {"lens", "figures", "records"},
    "quiz": {"explorer"},
    "playground": {"explorer", "figures", "files", "lenses", "models", "records", "runtime", "tasks", "training"},
    "checks": {"exercises", "lenses", "settings"},
    "apart": {"exercises", "lenses", "settings"},
    "ledger": {"explorer", "figures", "files", "lens", "lenses", "records", "settings"},
    "record": {"files", "lens", "lenses", "models", "playground", "records", "runtime", "training"},
    "__init__": {"checks", "explorer"},
}
WITHOUT_TORCH = {
    "__init__",
    "checks",
    "explorer",
    "figures",
    "files",
    "kata",
    "ledger",
    "lens",
    "quiz",
    "records",
    "settings",
}
# Of a lens: what asks records, and decides no number of a run.
CHOOSERS = {"rates.py", "claims.py", "exercises.py", "noisy.py"}


def gives_numbers(module: str) -> bool:
    """Whether a module, by its own name, is one from which a chapter's text takes its numbers."""
    return module.split("_")[0] == "numbers"


def layer(path: Path) -> str:
    return path.relative_to(HOME).with_suffix("").parts[0]


def imported(path: Path) -> set[tuple[str, ...]]:
    """The dotted paths of everything that a file imports, also inside functions; our own from "sevenlenses" on."""
    package = ("sevenlenses", *path.relative_to(HOME).parent.parts)
    found = set()
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            found |= {tuple(alias.name.split(".")) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else ()
            base += tuple(node.module.split(".")) if node.module else ()
            found |= {(*base, alias.name) for alias in node.names}
    return found


def test_every_module_belongs_to_a_layer():
    assert {layer(path) for path in FILES} == set(ALLOWED)


def test_imports_point_one_way():
    for path in FILES:
        used = {names[1] for names in imported(path) if names[0] == "sevenlenses"}
        assert used <= ALLOWED[layer(path)] | {layer(path)}, path


def test_what_runs_reads_no_records():
    """A record may decide what a run is, through the rates and the words of `Experiment.words`; nothing else."""
    reads = [path for path in FILES if any(names[:2] == ("sevenlenses", "records") for names in imported(path))]
    deciding = [path for path in reads if path.name not in CHOOSERS and not gives_numbers(path.stem)]
    assert not [path for path in deciding if layer(path) == "lenses"]


def test_claims_may_rest_on_the_numbers_of_the_text_and_nothing_else_does():
    for path in FILES:
        own = [names for names in imported(path) if names[0] == "sevenlenses"]
        if any(map(gives_numbers, {name for names in own for name in names})):
            assert path.stem.split("_")[0] in ("claims", "numbers"), path
        if gives_numbers(path.stem):
            assert not {name for names in own for name in names if name.split("_")[0] == "claims"}, path


def test_torch_and_widgets_stay_where_they_belong():
    others = {path: {names[0] for names in imported(path)} for path in FILES}
    assert not [path for path, names in others.items() if "torch" in names and layer(path) in WITHOUT_TORCH]
    widgets = {path for path, names in others.items() if names & {"ipywidgets", "IPython"}}
    assert {layer(path) for path in widgets - {HOME / "playground/live.py"}} == {"explorer"}


def test_in_the_playground_only_what_trains_or_reads_with_a_model_knows_torch():
    knows = {path.name for path in FILES if layer(path) == "playground" and ("torch" in str(imported(path)))}
    assert knows == {"growing.py", "reading.py", "training.py", "weights.py"}


def loaded_by(module: str) -> set[str]:
    program = f"import sys, {module}; print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(said.stdout.split())


@pytest.mark.slow
@pytest.mark.parametrize("module", ["", ".figures", ".lens", ".records", ".explorer.page", ".quiz"])
def test_importing_loads_neither_torch_nor_widgets(module):
    assert not loaded_by(f"sevenlenses{module}") & {"torch", "ipywidgets", "IPython", "matplotlib.pyplot"}


@pytest.mark.slow
def test_the_lenses_load_no_widgets():
    loaded = loaded_by("sevenlenses.lenses; sevenlenses.lenses.EXPERIMENTS")
    assert "torch" in loaded and not loaded & {"ipywidgets", "IPython", "matplotlib.pyplot"}


# Chance comes from a passed generator alone


DRAWS = {"rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial"}  # torch.rand(…)
FILLS = {"uniform_", "normal_", "random_", "bernoulli_", "orthogonal_", "exponential_"}  # tensor.uniform_(…)
SEEDED = {"SeedSequence", "default_rng", "Generator"}  # np.random's own that hold no global state


def dotted(node: ast.AST) -> list[str]:
    """`torch.nn.init.orthogonal_` as its four names; an expression at the root counts as one without a name."""
    if isinstance(node, ast.Attribute):
        return [*dotted(node.value), node.attr]
    return [node.id] if isinstance(node, ast.Name) else [""]


CALLS = [(path, call) for path, tree in TREES.items() for call in ast.walk(tree) if isinstance(call, ast.Call)]


def test_nothing_draws_from_or_seeds_a_global_generator():
    assert not [path for path in FILES if "random" in {names[0] for names in imported(path)}]
    for path, call in CALLS:
        names = dotted(call.func)
        where = f"{path.name}:{call.lineno}: {'.'.join(names)}"
        if names[:2] in (["np", "random"], ["numpy", "random"]):
            assert names[2] in SEEDED, where
        if names[-1] in FILLS or (names[0] == "torch" and names[-1] in DRAWS):
            assert "generator" in {keyword.arg for keyword in call.keywords}, where
        assert names[-1] != "seed" and (names[-1] != "manual_seed" or names[0] != "torch"), where


def test_nothing_unpickles():
    assert not [path for path, call in CALLS if dotted(call.func) == ["torch", "load"]]
    used = {names[0] for path in FILES for names in imported(path)}
    assert not {"pickle", "dill", "joblib"} & used


def test_no_module_is_too_long_to_read():
    assert not [path for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) >= 260]


def test_every_module_and_public_function_says_what_it_is_for():
    assert not [path for path, tree in TREES.items() if not ast.get_docstring(tree)]
    public = [(path, node) for path, tree in TREES.items() for node in tree.body]
    for path, node in public:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{path.name}:{node.lineno}: {node.name}"
