"""What pictures are put together from, against the definitions written out; and numbers as a reader reads them."""

import itertools
import math
import re
import statistics

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sevenlenses import figures
from sevenlenses.figures import Style
from sevenlenses.figures.axes import QuickAxes

STYLE = Style("a thing", "#123456", "s", (0, (5, 2)))
SUPERSCRIPT = dict(zip("⁻·⁰¹²³⁴⁵⁶⁷⁸⁹", "-.0123456789", strict=True))
runs_of = st.integers(2, 7).flatmap(
    lambda count: st.lists(
        st.lists(st.floats(1e-6, 1e6), min_size=count, max_size=count), min_size=1, max_size=6
    )  # by point: the values of all runs
)


@pytest.fixture
def axes():
    return Figure().add_subplot()


def artist(axes, gid: str):
    (found,) = [one for one in axes.get_children() if one.get_gid() == gid]
    return found


def read(text: str) -> float:
    """A number as a reader reads it: 10⁻⁴⁰, 4.1 × 10³, −0.88."""
    text = text.replace("−", "-").replace("\N{NO-BREAK SPACE}", " ").replace(",", "")
    mantissa, _times, power = text.rpartition(" × ")
    if power.startswith("10") and power[2:3] in SUPERSCRIPT:
        power = f"1e{''.join(SUPERSCRIPT[sign] for sign in power[2:])}"
    return float(mantissa or 1) * float(power)


# Numbers


@settings(deadline=None, derandomize=True)
@example(0.0)
@example(9999.5)
@example(-1e-3)
@example(99.5)
@example(12345.0)
@example(0.00099)
@example(0.001)
@given(st.floats(-1e300, 1e300).filter(lambda value: value == 0 or abs(value) > 1e-300))
def test_a_number_is_said_to_two_digits_at_least(value):
    said = figures.scientific(value)
    assert read(said) == pytest.approx(value, rel=0.051, abs=0)
    assert ("×" in said) == (value != 0 and not 1e-3 <= abs(value) < 1e4)
    assert "e" not in said and "-" not in said


@given(st.integers(-300, 300), st.floats(-0.4, 0.4))
def test_a_power_of_ten_is_the_nearest(exponent, off):
    assert read(figures.power_of_ten(10.0 ** (exponent + off))) == pytest.approx(10.0**exponent, rel=1e-12, abs=0)


@given(st.floats(-99, 99))
def test_an_exponent_is_said_to_two_decimals(exponent):
    said = figures.power("T", exponent)
    assert said[0] == "T"
    assert float("".join(SUPERSCRIPT[sign] for sign in said[1:])) == pytest.approx(exponent, abs=0.00501)


@given(st.floats(-1e6, 1e6))
def test_a_minus_sign_is_one(value):
    said = figures.minus(value, ".3f")
    assert read(said) == pytest.approx(value, abs=0.000501) and "-" not in said


@pytest.mark.parametrize(
    ("number", "said"),
    [("0.793", "0.793"), ("-0.00186", "−0.00186"), ("1.74e-16", "1.74 × 10⁻¹⁶"), ("-1.2e+05", "−1.2 × 10⁵")],
)
def test_a_program_s_number_is_spelled_as_a_reader_reads_it(number, said):
    assert figures.spelled(number).replace("\N{NO-BREAK SPACE}", " ") == said


# Axes


@given(low=st.integers(-60, 0), span=st.integers(1, 60), every=st.integers(1, 9), floor=st.booleans())
@settings(deadline=None, derandomize=True, max_examples=40)
def test_ticks_of_a_logarithmic_axis_say_where_they_stand(low, span, every, floor):
    axes = Figure().add_subplot()
    figures.log_axis(axes, low, low + span, every, floor=floor)
    assert axes.get_yscale() == "log" and axes.get_ylim() == pytest.approx((10.0**low, 10.0 ** (low + span)))
    ticks = axes.yaxis.get_major_locator()()
    exponents = [round(math.log10(tick)) for tick in ticks]
    assert all(e % every == 0 for e in exponents) and set(np.diff(exponents)) <= {every}
    assert {e for e in range(low, low + span + 1) if e % every == 0} <= set(exponents)
    for tick in ticks:
        said = axes.yaxis.get_major_formatter()(tick, 0)
        assert read(said.removeprefix("≤")) == pytest.approx(tick, rel=1e-9, abs=0)
        assert said.startswith("≤") == (floor and tick <= 10.0**low)
    assert not len(axes.yaxis.get_minor_locator()())


@pytest.mark.parametrize("last", [8, 100, 128, 256, 4096, 32768])
def test_ticks_of_an_octave_axis_are_doublings(axes, last):
    figures.octave_axis(axes, last)
    ticks = axes.xaxis.get_major_locator()()
    assert axes.get_xscale() == "log" and axes.get_xlim() == (1, last)
    assert ticks[0] == 1 and set(ticks[1:] / ticks[:-1]) == ({2} if last <= 128 else {4})
    assert ticks[-1] * ticks[1] > last >= ticks[-1]
    assert [axes.xaxis.get_major_formatter()(tick, 0) for tick in ticks] == [str(int(tick)) for tick in ticks]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_room_is_made_evenly_at_both_ends(axes, scale):
    axes.set_xscale(scale)
    axes.set_xlim(2, 200)
    figures.room(axes)
    to, (low, high) = (math.log if scale == "log" else float), axes.get_xlim()
    before, after = to(2) - to(low), to(high) - to(200)
    assert before == pytest.approx(after) and 0 < before < 0.05 * (to(200) - to(2))


def test_a_reference_stands_at_its_value_and_bears_its_name(axes):
    axes.set_xlim(3, 9)
    figures.reference(axes, 0.125, "chance", "frame", (0, (4, 2)))
    line, word = artist(axes, "frame/reference"), artist(axes, "frame/reference-word")
    assert list(line.get_ydata()) == [0.125, 0.125] and list(line.get_xdata()) == [0, 1]  # of the axes
    assert (word.get_text(), word.xy[1], word.get_ha()) == ("chance", 0.125, "right")


def test_an_upright_word_ends_where_it_belongs(axes):
    figures.upright(axes, 3, -0.1, "word", "frame/word")
    word = artist(axes, "frame/word")
    assert (word.get_text(), word.get_position(), word.get_rotation(), word.get_ha()) == (
        "word",
        (3, -0.1),
        90,
        "right",
    )


# Which points


@given(st.integers(1, 3000), st.integers(2, 40))
def test_a_thinned_curve_has_its_ends_its_first_points_and_even_gaps(length, points):
    kept = figures.thin(length, points)
    assert sorted({*kept}) == list(kept) and {*range(min(4, length)), length - 1} <= {*kept} <= {*range(length)}
    assert len(kept) <= points + 4
    even = [round(i * (length - 1) / max(1, min(points, length) - 1)) for i in range(min(points, length))]
    assert all(min(abs(kept - place)) <= 1 for place in even)
    assert max(np.diff(kept), default=1) <= math.ceil((length - 1) / max(1, min(points, length) - 1)) + 1


@given(st.integers(1, 100_000))
def test_octaves_are_whole_and_spread_evenly_over_doublings(last):
    found = figures.octaves(last)
    assert found[0] == 1 and found[-1] == last and (np.diff(found) > 0).all() and len(found) <= 25
    wide = [late / soon for soon, late in itertools.pairwise(found) if soon > 25]
    assert all(step < last ** (1 / 24) * 1.1 for step in wide)


# Runs


def by_hand(points: list[list[float]]) -> dict[str, list[float]]:
    return {
        "mean": [statistics.fmean(point) for point in points],
        "median": [statistics.median(point) for point in points],
        "least": [min(point) for point in points],
        "greatest": [max(point) for point in points],
    }


@given(runs_of)
@settings(deadline=None, derandomize=True, max_examples=40)
def test_a_spread_is_the_mean_with_bars_from_least_to_greatest(points):
    axes, x, known = Figure().add_subplot(), np.arange(len(points)) + 3.0, by_hand(points)
    figures.spread(axes, x, np.array(points).T, STYLE, layer="one")
    line, bars = artist(axes, "one/means"), np.array(artist(axes, "one/bars").get_segments())  # (points, ends, xy)
    assert line.get_ydata() == pytest.approx(known["mean"]) and list(line.get_xdata()) == list(x)
    assert bars[:, 0, 1].tolist() == known["least"] and bars[:, 1, 1].tolist() == known["greatest"]
    assert bars[:, :, 0].tolist() == [[place, place] for place in x]
    assert (line.get_color(), line.get_marker()) == (STYLE.color, STYLE.marker)


def edges(band) -> tuple[list, list]:
    """The lower and the upper edge of a filled band."""
    (path,) = band.get_paths()
    return tuple(
        [end(y for at, y in path.vertices if at == x) for x in sorted({*path.vertices[:, 0]})] for end in (min, max)
    )


@given(runs_of, st.sampled_from([None, 1.0]))
@settings(deadline=None, derandomize=True, max_examples=40)
def test_a_band_is_the_median_between_least_and_greatest(points, floor):
    axes, x = Figure().add_subplot(), np.arange(len(points)) + 3.0
    known = by_hand([[max(value, floor or 0) for value in point] for point in points])
    (line,) = figures.band(axes, x, np.array(points).T, STYLE, layer="one", floor=floor)
    assert line.get_ydata() == pytest.approx(known["median"]) and list(line.get_xdata()) == list(x)
    low, high = edges(artist(axes, "one/band"))
    assert (low, high) == (known["least"], known["greatest"])
    assert (line.get_gid(), line.get_label(), line.get_color()) == ("one/line", STYLE.label, STYLE.color)


def test_of_one_run_there_is_a_line_and_no_band(axes):
    figures.band(axes, np.arange(3), np.array([[1.0, 2.0, 4.0]]), STYLE, layer="one", label="by hand")
    assert list(artist(axes, "one/line").get_ydata()) == [1, 2, 4]
    assert artist(axes, "one/line").get_label() == "by hand"
    assert not [one for one in axes.get_children() if one.get_gid() == "one/band"]


# Canvas


@pytest.mark.parametrize("panels", [1, 2, 3])
def test_a_canvas_has_a_figure_for_each_panel_and_leaves_no_setting_behind(panels):
    import matplotlib

    before = dict(matplotlib.rcParams)
    with figures.canvas(panels, 4.0) as axes:
        sizes = [tuple(ax.figure.get_size_inches()) for ax in axes]
    assert len({id(ax.figure) for ax in axes}) == panels == len(axes)
    assert len(set(sizes)) == 1 and sizes[0][1] == 4.0
    assert dict(matplotlib.rcParams) == before


def minor(ax):
    ax.set(yscale="log", xlim=(0.5, 700), ylim=(1e-3, 20))
    ax.set_xscale("log", base=4)
    ax.set_xticks([1, 8, 64, 512], ["1", "8", "64", "512"])


def labelled(ax):
    ax.set_xlim(3.4, -0.4)
    ax.set_xticks(range(4), ["one", "two", "three", "four"], fontsize=8)
    ax.tick_params(axis="x", length=0)
    ax.set_yticks([0, 1, 5, 9])


def offset(ax):
    ax.plot([1e6 + 1, 1e6 + 2], [1e-7, 3e-7])
    ax.set(xlabel="x", title="title")


@pytest.mark.parametrize("draw", [minor, labelled, offset, lambda ax: ax.grid(False)])
def test_one_tick_at_each_place_draws_what_many_ticks_draw(monkeypatch, draw):
    drawn = []
    for kind in (QuickAxes, Axes):
        monkeypatch.setattr("sevenlenses.figures.svg.QuickAxes", kind)
        with figures.canvas() as (ax,):
            draw(ax)
            drawn.append(figures.picture([ax], ["frame"]))
    assert drawn[0] == drawn[1] and "<text" in drawn[0].svg()


def test_every_style_has_a_colour_that_follows_the_page():
    assert {style.color for style in figures.STYLES.values()} <= {*figures.VARIABLES}
    assert all(re.fullmatch("#[0-9a-f]{6}", color) for color in figures.VARIABLES)
