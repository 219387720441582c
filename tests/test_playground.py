"""The playground's weights: whence they are, that they come again, that rounding them changes nothing that is said."""

import json
import re

import numpy as np
import pytest
import torch
from safetensors import safe_open

from sevenlenses import records
from sevenlenses.lenses import rates
from sevenlenses.lenses.learning import Training
from sevenlenses.lenses.reading import READING
from sevenlenses.lenses.reading.holding import look
from sevenlenses.playground import growing, page, weights
from sevenlenses.playground.reading import after_every_word, answers
from sevenlenses.playground.training import DIETS, MODELS, STEPS, checkpoints, halves, recorded
from sevenlenses.tasks.sentences import FIRST, SUSPECTS, Sentences

pytestmark = pytest.mark.slow

RUNS = [(diet, seed) for diet in DIETS for seed in weights.SEEDS]


@pytest.mark.parametrize(("diet", "seed"), RUNS)
def test_every_run_is_there_and_fresh(diet, seed):
    run = weights.load(diet, seed)
    assert {name: tuple(steps) for name, steps in run.items()} == dict.fromkeys(MODELS, STEPS)
    for name, steps in run.items():
        for kept in steps.values():
            model = weights.model(recorded(name, diet), kept)
            assert sum(p.numel() for p in model.parameters()) <= recorded(name, diet).budget
    with safe_open(weights.path_of(diet, seed), "pt") as file:
        about = json.loads(file.metadata()["settings"])
    assert (about["diet"], about["seed"], tuple(about["steps"])) == (diet, seed, STEPS)


@pytest.mark.parametrize("name", MODELS)
def test_a_short_run_comes_again(name):
    """Where they were made to the last bit; another processor rounds otherwise, and training magnifies that."""
    then, now = weights.load("mixed", 0)[name], checkpoints(recorded(name, "mixed"), 0, (0, 25))
    assert all(torch.equal(then[0][key], now[0][key]) for key in now[0])
    for key, weight in now[25].items():
        assert weight.numpy() == pytest.approx(then[25][key].numpy(), abs=0.02)


@pytest.mark.parametrize(
    ("holder", "name", "value"),
    [(weights, "VERSION", 2), (rates, "_chosen", lambda *_: rates.Choice(0.5, True))],
    ids=["version", "rate"],
)
def test_another_version_or_another_rate_makes_them_stale(monkeypatch, holder, name, value):
    monkeypatch.setattr(holder, name, value)
    with pytest.raises(records.RecordError, match=r"mixed,seed=0\.safetensors are stale: .*sevenlenses\.playground"):
        weights.load("mixed", 0)


def test_missing_and_broken_weights_are_named_with_the_remedy(monkeypatch, tmp_path):
    whole = weights.path_of("mixed", 0).read_bytes()
    monkeypatch.setattr(weights, "home", lambda: tmp_path)
    with pytest.raises(records.Missing, match=r"no weights mixed,seed=0.*run `python -m sevenlenses\.playground`"):
        weights.load("mixed", 0)
    for broken in (b"", whole[:1000], b"\xff" * 64):
        weights.path_of("mixed", 0).write_bytes(broken)
        with pytest.raises(records.RecordError, match="broken"):
            weights.load("mixed", 0)


@pytest.mark.parametrize("name", MODELS)
def test_rounding_to_half_precision_changes_no_accuracy(name):
    taught = recorded(name, "mixed")
    training = Training(taught, 0)
    next(now for now in training if now.step == 100)
    rounded = weights.model(taught, halves(training.model))
    exact, ours = (look(each, 0) for each in (training.model, rounded))
    assert np.abs(exact["right"] - ours["right"]).max() <= 0.02  # of 256 sentences, at every length
    assert exact["right"].mean() == pytest.approx(ours["right"].mean(), abs=0.003)


@pytest.mark.parametrize(
    ("name", "diet"), [("rnn", "mixed"), ("lstm", "mixed"), ("attention", "mixed"), ("rnn", "19"), ("lstm", "19")]
)
def test_they_are_the_runs_of_the_reading_lens(name, diet):
    """The same training: early, midway and at the end, the same share of the same sentences right, at every length."""
    lens = records.load_one(READING, READING.settings(variant=MODELS[name], diet=diet), 0)
    looks = range(lens.looked.shape[1])
    for at in (looks[1], looks[len(looks) // 2], looks[-1]):
        step = lens.looked[0, at]
        model = weights.model(recorded(name, diet), weights.load(diet, 0)[name][int(step)])
        assert np.abs(look(model, 0)["right"] - lens.right[0, at]).max() <= 0.03


def test_the_page_opens_where_the_change_of_mind_can_be_seen():
    chances = answers(page.START["diet"], page.START["seed"], page.START["step"], page.START["words"])
    said = {name: [SUSPECTS[n] for n in each.argmax(-1)][FIRST - 1 :] for name, each in chances.items()}
    assert {names[0] for names in said.values()} == {"cook"}
    assert set(said["lstm"]) == set(said["attention"]) == {"cook"} and said["rnn"][-1] != "cook"


@pytest.mark.parametrize("label", page.EXAMPLES)
def test_examples_are_sentences_that_the_page_can_read(label):
    words = page.EXAMPLES[label].split()
    assert len(words) <= page.LONGEST and words == [word.lower() for word in words]


def test_addresses_in_the_chapter_name_what_there_is():
    chapter = (page.files("sevenlenses").parents[1] / "book/playground.md").read_text("utf-8")
    links = re.findall(r'href="#([^"]+)"', chapter)
    assert len(links) >= 3
    for link in links:
        state = dict(part.split("=") for part in link.split("&"))
        assert state["diet"] in DIETS and int(state["seed"]) in weights.SEEDS and int(state["step"]) in STEPS
        assert 1 <= int(state["at"]) <= len(state["words"].split("+"))


# A reader's own run


def test_models_learn_side_by_side_as_they_do_alone():
    lessons = growing.own(Sentences(longest=12), 1500, 30, dict.fromkeys(MODELS, 0.01))
    *_, grown = growing.side_by_side(lessons, 7)
    assert grown.step == 30 and {len(curve) for curve in grown.curves.values()} == {30}
    for name, taught in lessons.items():
        assert list(grown.kept[name]) == [0, 25, 30]
        alone = checkpoints(taught, 7, (25,))[25]
        assert all(torch.equal(grown.kept[name][25][key], alone[key]) for key in alone)


def test_an_own_run_is_in_the_frame_and_opens_it():
    lessons = growing.own(Sentences(longest=12), 1500, 25, dict.fromkeys(MODELS, 0.01))
    *_, grown = growing.side_by_side(lessons, 7)
    html = page.frame_html(grown.kept, 7)
    data = json.loads(re.search(r'class="pg-data">(.*?)</script>', html, re.DOTALL)[1])
    assert data["start"] | {"diet": "own", "seed": 7, "step": 25} == data["start"] and data["framed"]
    assert data["diets"]["own"] == {"label": "your run", "seeds": [7], "steps": [0, 25]}
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")  # nothing from a network


def test_words_that_nobody_taught_are_read_as_one():
    model = recorded("lstm", "mixed").untrained(0)
    strange, mark = (after_every_word(model, ["the", word, "suspects"]) for word in ("inspector", "?"))
    assert np.array_equal(strange, mark)
