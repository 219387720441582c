// Small multiples: the same sentence after the same training, one column a seed. So it is seen on which seeds the story
// does not come out.
"use strict";

const PlaygroundSeeds = (() => {
  // How it goes with the right name: held to the end, lost at some word, not said when it was read.
  function outcome(said, right, first) {
    if (right === undefined || said.length < first) return { kind: "open" };
    if (said[first - 1] !== right) return { kind: "wrong" };
    const lost = said.findIndex((name, n) => n >= first && name !== right);
    return lost < 0 ? { kind: "holds" } : { kind: "flips", at: lost + 1 };
  }

  class PlaygroundSeeds {
    // choose: what happens when a reader picks a seed
    constructor(table, labels, sentences, choose) {
      Object.assign(this, { table, sentences, choose });
      this.names = Object.keys(labels);
      this.labels = Object.values(labels);
    }

    // readings: a seed each, by model; undefined where its weights have not arrived yet
    draw({ state, right }, seeds, readings) {
      const [caption, head, body] = this.table.children;
      if (this.shape !== String(seeds)) {
        this.shape = String(seeds);
        const buttons = seeds.map((seed) => {
          const button = make("button", "", `seed ${seed}`);
          button.type = "button";
          button.addEventListener("click", () => this.choose(seed));
          return make("th", "", undefined, button);
        });
        buttons.forEach((one) => (one.scope = "col"));
        head.replaceChildren(make("tr", "", undefined, make("td"), ...buttons));
        const row = (name, m) => {
          const label = make("th", `pg-${name}`, this.labels[m]);
          label.scope = "row";
          return make("tr", "", undefined, label, ...seeds.map(() => this.small(name)));
        };
        body.replaceChildren(...this.names.map(row));
      }
      [...head.querySelectorAll("button")].forEach((one, n) => {
        one.setAttribute("aria-pressed", String(seeds[n] === state.seed));
      });
      const counts = this.names.map((name, m) => {
        const ends = seeds.map((seed, s) => {
          const cell = body.children[m].children[s + 1];
          return readings[s] && this.line(cell, readings[s][m], right, state.at);
        });
        const known = ends.filter(Boolean);
        return `${this.labels[m]} ${known.filter(({ kind }) => kind === "holds").length} of ${known.length}`;
      });
      const until = state.at === state.words.length ? "to the end" : `up to word ${state.at}`;
      const named = right !== undefined && state.at >= this.sentences.first;
      const ask = named ? `Holds “${right}” ${until}: ${counts.join(", ")}` : "No name at word 5 yet, so nothing to hold";
      say(caption, `This sentence, after ${state.step} training steps, on every seed. ${ask}.`);
    }

    small(name) {
      const cell = make("td", `pg-${name}`);
      const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      picture.append(path);
      picture.ariaHidden = "true";
      picture.setAttribute("preserveAspectRatio", "none");
      cell.append(picture, make("span", "", "…"));
      return cell;
    }

    // As far as the sentence has been read.
    line(cell, reading, right, at) {
      const { first, suspects } = this.sentences;
      const [said, answers] = [reading.said.slice(0, at), reading.answers.slice(0, at)];
      const asked = suspects.indexOf(right);
      const heights = answers.map(({ chances }) => 1 - (asked < 0 ? Math.max(...chances) : chances[asked]));
      const steps = heights.map((height, n) => `${n ? "" : `M0 ${height.toFixed(3)}`}V${height.toFixed(3)}H${n + 1}`);
      cell.firstChild.setAttribute("viewBox", `0 -0.03 ${reading.said.length} 1.06`);
      cell.firstChild.firstChild.setAttribute("d", steps.join(""));
      const end = outcome(said, right, first);
      const words = { holds: "✓ holds", wrong: "✗ wrong", flips: `✗ flips at ${end.at}`, open: said[said.length - 1] };
      say(cell.lastChild, words[end.kind]);
      return end;
    }
  }

  return PlaygroundSeeds;
})();
