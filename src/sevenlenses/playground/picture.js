// What the playground shows of one run: the sentence with its strips, the bars, and both in words.
// Whatever a reader may have typed reaches the page as text alone.
"use strict";

const { make, say, fill, PlaygroundPicture } = (() => {
  const { credit, largest } = PlaygroundEngine;
  const SHOWN_TURNS = 4; // changes of mind that a sentence tells one by one
  const GATES = ["i", "f", "o"];
  const FULL = 0.1; // nats: credit that fills its strip, if no credit of the same network is larger
  const SLICE_MS = 6; // of a frame, for credit

  const percent = (share) => (share > 0.995 && share < 1 ? ">\u00a099%" : `${Math.round(100 * share)}%`);

  function make(tag, style, text, ...children) {
    const made = document.createElement(tag);
    if (style) made.className = style;
    if (text !== undefined) made.textContent = text;
    made.append(...children);
    return made;
  }

  function say(element, text) {
    if (element.textContent !== text) element.textContent = text; // else a screen reader would read it once more
  }

  function fill(menu, options, value) {
    menu.replaceChildren(...options.map(([key, label]) => new Option(label, key, false, String(key) === String(value))));
  }

  // The outline of bars side by side, one a unit, as a shape to clip by.
  function skyline(units) {
    const wide = 100 / units.length;
    const bars = Array.from(units, (open, unit) => {
      const [left, right, top] = [unit * wide, (unit + 0.8) * wide, 100 - 100 * open].map((share) => `${share.toFixed(1)}%`);
      return `${left} 100%,${left} ${top},${right} ${top},${right} 100%`;
    });
    return `polygon(${bars.join()})`;
  }

  // A word within a sentence of ours: whichever way its script runs, the rest stays where it is.
  const isolated = (word) => `\u2068${word}\u2069`;

  function level(cell, share) {
    cell.style.setProperty("--p", share.toFixed(4));
  }

  // Where a reading changes its mind after the suspect has been read: at which word, from which name to which.
  function turns(said, first) {
    const all = said.map((to, n) => ({ at: n + 1, from: said[n - 1], to }));
    return all.slice(first).filter(({ from, to }) => from !== to);
  }

  class PlaygroundPicture {
    constructor(root, data, sentences) {
      Object.assign(this, { root, data, sentences });
      this.names = Object.keys(data.models);
      this.labels = this.names.map((name) => data.models[name]);
      this.keys = make("div", "pg-keys");
      this.keys.ariaHidden = "true";
      this.line = make("div", "pg-line");
      this.line.dir = "auto"; // the words run as their script does
      root.querySelector(".pg-words").replaceChildren(this.keys, this.line);
      this.speaker = new Speaker(root);
      this.show = {};
      for (const one of root.querySelectorAll("[data-show]")) this.show[one.dataset.show] = one;
      this.answers = this.names.map((name) => [...root.querySelectorAll(`.pg-answers tbody .pg-${name}`)]);
      this.heads = [...root.querySelectorAll(".pg-answers thead th")];
      this.labelled = [...root.querySelectorAll(".pg-answers tbody th")];
    }

    // now: { state, readings (one a model, in order), models, numbers, right }
    draw(now) {
      this.now = now;
      if (now.state.view !== this.view) this.label(now.state);
      this.view = now.state.view;
      const told = `${now.state.view} ${now.state.words.join(" ")}`;
      if (told !== this.told) this.lay(now);
      this.told = told;
      this.strips(now);
      this.above(now);
      this.bars(now);
      this.tell(now);
    }

    // What the rows are, beside every line of the sentence. All lines are equally high, so a column of labels, as many
    // times as there can be lines and cut off below the last, fits wherever the words break: nothing is measured.
    label({ view }) {
      const key = make("div", "pg-key", undefined, ...this.data.views[view].rows.map(({ label }) => make("span", "", label)));
      key.append(make("b"), ...this.labels.map((label, n) => make("span", `pg-strip pg-${this.names[n]}`, label)));
      this.keys.replaceChildren(...Array.from({ length: this.sentences.longest }, () => key.cloneNode(true)));
    }

    // The sentence, laid out anew: for each word its button, strips below it, and what the chosen view has above it.
    lay({ state }) {
      const rows = this.data.views[state.view].rows;
      const cells = (kinds, style) => kinds.map((kind) => make("i", `pg-cell ${style} pg-${kind}`));
      this.tokens = state.words.map((word, n) => {
        const known = this.sentences.knows(word);
        const button = make("button", known ? "" : "pg-unknown", word);
        button.type = "button";
        button.ariaLabel = `word ${n + 1}: ${word}${known ? "" : ", a word the networks do not know"}`;
        const above = cells(rows.map(({ kind }) => kind), "pg-above");
        const below = cells(this.names, "pg-strip");
        for (const one of [...above, ...below]) one.ariaHidden = "true";
        const token = make("div", "pg-token", undefined, ...above, button, ...below);
        token.dataset.n = n + 1;
        return { token, button, above, below };
      });
      this.line.replaceChildren(...this.tokens.map(({ token }) => token));
      const strange = [...new Set(state.words.filter((word) => !this.sentences.knows(word)))];
      const named = strange.map(isolated).join(", ");
      say(this.show.unknown, named && `Not known to the networks, and read as “?”: ${named}.`);
    }

    // For each model, how sure it is of the right name after each word; where it changes its mind, the new name.
    strips({ state, readings, right }) {
      const first = this.sentences.first;
      const asked = right === undefined ? undefined : this.sentences.suspects.indexOf(right);
      this.tokens.forEach(({ token, button, below }, n) => {
        const at = n + 1;
        token.classList.toggle("pg-now", at === state.at);
        token.classList.toggle("pg-ahead", at > state.at);
        token.classList.toggle("pg-suspect", at === first && right !== undefined);
        button.tabIndex = at === state.at ? 0 : -1;
        if (at === state.at) button.setAttribute("aria-current", "true");
        else button.removeAttribute("aria-current");
        below.forEach((cell, m) => {
          const { said, answers } = readings[m];
          const { chances } = answers[n];
          const read = at <= state.at;
          level(cell, read ? chances[asked ?? largest(chances)] : 0);
          const turned = read && at >= first && (at === first || said[n] !== said[n - 1]);
          cell.classList.toggle("pg-turn", turned && at > first);
          cell.classList.toggle("pg-off", read && at >= first && right !== undefined && said[n] !== right);
          say(cell, turned ? said[n] : "");
        });
      });
    }

    above(now) {
      const { view } = now.state;
      const said = { gates: () => this.gates(now), credit: () => this.credits(now), attention: () => this.weights(now) };
      say(this.show.view, said[view]());
    }

    // Each gate as a skyline: a bar a unit, as high as its gate is open; the line across is their mean.
    gates({ state, readings }) {
      const reading = readings[this.names.indexOf("lstm")];
      const mean = (gate) => gate.reduce((a, b) => a + b) / gate.length;
      reading.skylines ??= reading.states.slice(1).map((after) => GATES.map((gate) => skyline(after[gate])));
      this.tokens.forEach(({ above }, n) => {
        const read = n < state.at;
        GATES.forEach((gate, row) => {
          above[row].style.setProperty("--units", read ? reading.skylines[n][row] : "inset(100%)");
          above[row].style.setProperty("--mean", read ? mean(reading.states[n + 1][gate]).toFixed(4) : "0");
        });
      });
      const opens = GATES.map((gate) => percent(mean(reading.states[state.at][gate])));
      return (
        `At word ${state.at}, “${isolated(state.words[state.at - 1])}”, the LSTM's gates are open on average: input ` +
        `${opens[0]}, forget ${opens[1]} (so much of the cell is kept), output ${opens[2]}. One bar a unit; the line is ` +
        "their mean."
      );
    }

    // Computed for the answer after the current word; what comes later has none. For a long sentence that takes longer
    // than a frame: a row stays empty until it is known, and the next frames go on, unless another move has come.
    credits(now) {
      const { state, readings, models, numbers } = now;
      const { at, words } = state;
      const others = (n) => this.sentences.others(words, n);
      const all = readings.map((reading, m) => {
        reading.credits ??= {};
        return (reading.credits[at] ??= { falls: [], rest: credit(models[m], numbers, reading, at, others) });
      });
      const until = performance.now() + SLICE_MS;
      for (const { falls, rest } of all) {
        while (falls.length < at && performance.now() < until) falls.push(rest.next().value);
      }
      const known = all.map(({ falls }) => (falls.length === at ? falls : undefined));
      const full = known.map((falls) => falls && Math.max(FULL, ...falls.map(Math.abs)));
      const lone = words.map((_, n) => n < at && !this.sentences.rivals(words, n).length);
      this.tokens.forEach(({ above }, n) => {
        above.forEach((cell, m) => {
          const fall = known[m]?.[n] ?? 0;
          level(cell, fall && Math.abs(fall) / full[m]);
          cell.classList.toggle("pg-against", fall < 0);
          cell.classList.toggle("pg-lone", lone[n] && Boolean(known[m]));
        });
      });
      if (known.every(Boolean)) return this.credited(state, known, full, lone);
      requestAnimationFrame(() => this.now === now && this.above(now));
      return `Credit for each network's answer after word ${at}: being computed.`;
    }

    credited({ at, words }, known, full, lone) {
      const compared = words.slice(0, at).flatMap((_, n) => (lone[n] ? [] : [n]));
      const most = (falls, m) => {
        const n = compared.reduce((best, one) => (falls[one] > falls[best] ? one : best));
        return `${this.labels[m]} most to word ${n + 1}, “${isolated(words[n])}” (${falls[n].toFixed(1)} nats)`;
      };
      const top = compared.length ? known.map(most).join("; ") : "So far no word has others in its slot";
      const scales = full.map((nats, m) => `${this.labels[m]} ${nats.toFixed(1)}`);
      return (
        `Credit for each network's answer after word ${at}: how far the log probability of that answer falls, on ` +
        `average, when the word is replaced by the others of its slot. ${top}. Each row has its own scale; ` +
        `a full strip: ${scales.join(", ")} nats. Outlined: a slot with no other word, so an unknown word came in; ` +
        "not to be compared with the rest. Hatched: the word spoke against the answer."
      );
    }

    weights({ state, readings }) {
      const { weights } = readings[this.names.indexOf("attention")].answers[state.at - 1];
      this.tokens.forEach(({ above }, n) => {
        above.forEach((cell, head) => level(cell, n < state.at ? weights[head][n] : 0));
      });
      const each = weights.map((head, n) => {
        const most = largest(head);
        const where = most < state.at ? `word ${most + 1}, “${isolated(state.words[most])}”` : "the stop itself";
        return `head ${n + 1}: ${where} (${percent(head[most])})`;
      });
      return `The stop after word ${state.at} asks and weighs all words and itself. Most weight in ${each.join("; ")}.`;
    }

    bars({ state, readings, right }) {
      say(this.show.asked, `Whom does the detective suspect? Asked after word ${state.at}`);
      readings.forEach(({ said, answers }, m) => {
        const name = said[state.at - 1];
        const mark = right === undefined ? "" : name === right ? " ✓" : " ✗";
        say(this.heads[m].querySelector("span"), `${name}${mark}`);
        this.answers[m].forEach((cell, n) => {
          const chance = answers[state.at - 1].chances[n];
          level(cell, chance);
          cell.classList.toggle("pg-top", this.sentences.suspects[n] === name);
          say(cell, percent(chance));
        });
      });
      this.labelled.forEach((label, n) => {
        label.classList.toggle("pg-right-one", this.sentences.suspects[n] === right);
      });
    }

    tell({ state, readings, right }) {
      const at = state.at - 1;
      const each = readings.map(({ said, answers }, m) => {
        const mark = right === undefined ? "" : said[at] === right ? ", right" : ", wrong";
        return `${this.labels[m]} says ${said[at]} (${percent(Math.max(...answers[at].chances))}${mark})`;
      });
      say(this.show.now, `After word ${state.at}, “${isolated(state.words[at])}”: ${each.join("; ")}.`);
      const lines = [...this.show.minds.children];
      const over = state.at === state.words.length;
      readings.forEach(({ said }, m) => {
        say(lines[m].querySelector("span"), this.mind(said.slice(0, state.at), right, over ? "to the end" : "so far"));
      });
      this.speaker.moved([this.show.now, ...lines].map(({ textContent }) => textContent).join("\n"));
    }

    // What became of a reading until now.
    mind(said, right, until) {
      const { first } = this.sentences;
      if (said.length < first) return `has not come to word ${first}, where the suspect is named.`;
      const name = said[first - 1];
      const judged = right === undefined ? "" : name === right ? ", which is right" : `, which is wrong (right: ${right})`;
      const changes = turns(said, first);
      const start = `says ${name} after word ${first}${judged}`;
      if (!changes.length) return said.length > first ? `${start}, and holds it ${until}.` : `${start}.`;
      const told = changes.slice(0, SHOWN_TURNS).map(({ at, from, to }) => `at word ${at}: ${from} → ${to}`);
      const rest = changes.length - told.length;
      const more = rest ? `; ${rest} more ${rest === 1 ? "change" : "changes"}` : "";
      return `${start}, and changes its mind ${told.join(", ")}${more}.`;
    }
  }

  return { make, say, fill, PlaygroundPicture };
})();
