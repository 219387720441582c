// The playground on a page: its controls, its state, and when what is computed and drawn.
"use strict";

(() => {
  const BEAT_MS = 450; // between words while playing
  const SETTLED_MS = 200; // without a move, after which the address is written
  const SLICE_MS = 4; // of a frame, for the other seeds

  class PlaygroundView {
    constructor(root) {
      this.root = root;
      this.data = JSON.parse(root.querySelector(".pg-data").textContent);
      this.sentences = new PlaygroundSentences(this.data.language);
      this.names = Object.keys(this.data.models);
      this.choices = { diets: this.data.diets, views: Object.keys(this.data.views) };
      this.models = new Map();
      this.readings = new Map();
      this.asked = new Set();
      this.set = {};
      for (const one of root.querySelectorAll("[data-set]")) this.set[one.dataset.set] = one;
      this.words = root.querySelector(".pg-words");
      this.picture = new PlaygroundPicture(root, this.data, this.sentences);
      const choose = (seed) => this.change({ seed });
      this.seeds = new PlaygroundSeeds(root.querySelector(".pg-seeds"), this.data.models, this.sentences, choose);
      this.error = root.querySelector(".pg-error");
      this.rest = root.querySelector("[data-show=rest]");
      this.prepare();
      this.state = this.sentences.from(this.address(), this.data.start, this.choices);
      this.render();
      const sight = new IntersectionObserver(([{ isIntersecting }]) => {
        if (!isIntersecting) return;
        this.seen = true; // only now are the other seeds' weights sent for
        sight.disconnect();
        this.later();
      });
      sight.observe(root.querySelector(".pg-seeds"));
      root.classList.add("pg-awake");
      if (this.asks()) root.scrollIntoView({ block: "start" });
    }

    // Whether the address asks for a state; else it may name another part of the page.
    asks() {
      return /[#&](seed|step|diet|view|at|words)=/.test(this.address());
    }

    // The address belongs to a page; a frame in a notebook has none of its own.
    address() {
      return this.data.framed ? "" : window.location.hash;
    }

    // Weights of runs that the page did not bring along arrive as scripts, which works from the disk, too.
    run(diet, seed, fetch) {
      const name = `${diet}-${seed}`;
      const here = this.data.runs[name] ?? globalThis.playgroundRuns?.[name];
      if (here || !fetch || this.asked.has(name)) return here;
      this.asked.add(name);
      const script = make("script");
      script.src = `${this.data.more}${name}.js`;
      script.onload = () => this.later();
      script.onerror = () => this.complain(`The weights of seed ${seed} could not be loaded from beside this page.`);
      document.head.append(script);
      return undefined;
    }

    // What a run says to the sentence as it is: states, answers and names, word by word. None yet: undefined.
    reading(diet, seed, step, name, fetch = true) {
      const run = this.run(diet, seed, fetch);
      if (!run) return undefined;
      const key = `${diet}/${seed}/${step}/${name}`;
      if (!this.readings.has(key)) {
        const { words, numbers } = this.sentences;
        const stop = numbers.get(this.sentences.stop);
        if (!this.models.has(key)) {
          this.models.set(key, PlaygroundEngine.model(name, run[name], step, words.length, stop));
        }
        const found = PlaygroundEngine.read(this.models.get(key), this.numbers);
        found.said = found.answers.map(({ chances }) => this.sentences.suspects[PlaygroundEngine.largest(chances)]);
        this.readings.set(key, found);
      }
      return this.readings.get(key);
    }

    // Controls

    prepare() {
      for (const one of this.root.querySelectorAll(".pg-live, .pg-views, .pg-left [hidden]")) one.hidden = false;
      const { set } = this;
      const views = this.root.querySelector(".pg-views");
      this.radios = Object.entries(this.data.views).map(([value, { label }]) => {
        const radio = make("input");
        Object.assign(radio, { type: "radio", name: "pg-view", value, autocomplete: "off" });
        radio.addEventListener("input", () => this.change({ view: value }));
        views.append(make("label", "", undefined, radio, ` ${label}`));
        return radio;
      });
      fill(set.diet, Object.entries(this.data.diets).map(([key, { label }]) => [key, label]));
      set.example.append(...this.data.examples.map(({ label }, n) => new Option(label, n)));
      set.length.max = this.sentences.longest;
      const numeric = (control, use) => control.addEventListener("input", () => use(Number(control.value)));
      numeric(set.step, (n) => this.change({ step: this.data.diets[this.state.diet].steps[n] }));
      numeric(set.at, (at) => this.change({ at }));
      numeric(set.length, (length) => this.change({ words: this.sentences.stretched(this.state.words, length) }));
      set.diet.addEventListener("input", () => this.change({ diet: set.diet.value }));
      set.seed.addEventListener("input", () => this.change({ seed: Number(set.seed.value) }));
      set.example.addEventListener("input", () => {
        const example = this.data.examples[set.example.value];
        if (example) this.change({ words: this.sentences.split(example.text) });
      });
      set.word.addEventListener("input", () => {
        this.change({ words: this.state.words.with(this.state.at - 1, set.word.value), at: this.state.at });
      });
      set.text.addEventListener("input", () => {
        const { longest } = this.sentences;
        const all = this.sentences.split(set.text.value, Infinity);
        say(this.rest, all.length > longest ? `Only the first ${longest} words are read.` : "");
        const words = all.slice(0, longest);
        if (!words.length) return;
        this.boxed = words.join(" ");
        this.change({ words });
      });
      const does = { back: () => this.step(-1), on: () => this.step(1), play: () => this.play() };
      const whole = () => Math.max(this.sentences.first, this.state.words.length); // no shorter than a sentence is
      does.shuffle = () => this.change({ words: this.sentences.stretched([], whole()), at: this.state.at });
      for (const button of this.root.querySelectorAll("[data-do]")) {
        button.addEventListener("click", does[button.dataset.do]);
      }
      this.words.addEventListener("click", ({ target }) => {
        const token = target.closest("[data-n]");
        if (token) this.change({ at: Number(token.dataset.n) });
      });
      this.words.addEventListener("keydown", (event) => this.key(event));
      if (!this.data.framed) window.addEventListener("hashchange", () => this.restore());
    }

    key(event) {
      const { at, words } = this.state;
      const on = getComputedStyle(this.picture.line).direction === "rtl" ? -1 : 1; // to the right
      const to = { ArrowLeft: at - on, ArrowRight: at + on, Home: 1, End: words.length }[event.key];
      if (to === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      this.change({ at: to });
      this.words.querySelector(`[data-n="${this.state.at}"] button`)?.focus();
    }

    step(by) {
      this.change({ at: this.state.at + by });
    }

    play() {
      const button = this.root.querySelector("[data-do=play]");
      const stop = () => {
        clearInterval(this.timer);
        this.timer = undefined;
        say(button, "Play");
        button.setAttribute("aria-pressed", "false");
      };
      if (this.timer !== undefined) return stop();
      if (this.state.at >= this.state.words.length) this.change({ at: 1 });
      say(button, "Pause");
      button.setAttribute("aria-pressed", "true");
      this.show();
      this.timer = setInterval(() => {
        this.step(1);
        this.words.querySelector(`[data-n="${this.state.at}"]`)?.scrollIntoView({ block: "nearest" });
        if (this.state.at >= this.state.words.length) stop();
      }, BEAT_MS);
    }

    // Brings sentence and answers into sight, where they are not.
    show() {
      const { top, bottom } = this.root.querySelector(".pg-screen").getBoundingClientRect();
      if (top >= 0 && bottom <= window.innerHeight) return;
      const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.root.scrollIntoView({ block: "start", behavior: still ? "auto" : "smooth" });
    }

    // State

    change(change) {
      const before = this.state;
      const state = { ...before, ...change };
      if (change.words && change.at === undefined) {
        state.at = before.at >= before.words.length ? state.words.length : before.at; // at the end it stays there
      }
      state.at = Math.min(state.words.length, Math.max(1, state.at));
      const { seeds, steps } = this.data.diets[state.diet];
      if (!seeds.includes(state.seed)) state.seed = seeds[0];
      if (!steps.includes(state.step)) state.step = steps.findLast((step) => step <= state.step) ?? steps[0];
      this.state = state;
      this.later();
      clearTimeout(this.writing);
      if (!this.data.framed) this.writing = setTimeout(() => this.write(), SETTLED_MS);
    }

    write() {
      try {
        history.replaceState(history.state, "", this.sentences.address(this.state));
      } catch { /* some frames have no address of their own, some browsers refuse many in a row: the old one stands */ }
    }

    restore() {
      if (!this.asks()) return;
      this.state = this.sentences.from(this.address(), this.state, this.choices);
      this.later();
      this.root.scrollIntoView({ block: "start" });
    }

    // Several moves before a frame are drawn once, in that frame.
    later() {
      if (this.waiting) return;
      this.waiting = true;
      requestAnimationFrame(() => this.render());
    }

    complain(why) {
      this.error.hidden = false;
      say(this.error, why);
    }

    // Drawing

    render() {
      this.waiting = false;
      const { state, names } = this;
      const told = state.words.join(" ");
      if (told !== this.told) {
        this.told = told;
        this.numbers = state.words.map((word) => this.sentences.number(word));
        this.readings.clear();
      }
      this.controls();
      const { diet, seed, step } = state;
      const right = this.sentences.right(state.words);
      const readings = names.map((name) => this.reading(diet, seed, step, name));
      if (readings.every(Boolean)) {
        const models = names.map((name) => this.models.get(`${diet}/${seed}/${step}/${name}`));
        this.picture.draw({ state, readings, models, right, numbers: this.numbers });
      }
      this.compare(state, right);
    }

    // The other seeds' readings together may take longer than a frame. Then the next frames go on, and their table
    // changes when all is known, unless another move has come.
    compare(state, right) {
      if (this.state !== state) return;
      const { diet, step } = state;
      const { seeds } = this.data.diets[diet];
      const until = performance.now() + SLICE_MS;
      const each = [];
      for (const seed of seeds) {
        if (performance.now() > until) return requestAnimationFrame(() => this.compare(state, right));
        const found = this.names.map((name) => this.reading(diet, seed, step, name, this.seen));
        each.push(found.every(Boolean) ? found : undefined);
      }
      this.seeds.draw({ state, right }, seeds, each);
    }

    controls() {
      const { set, state, data } = this;
      const { seeds, steps } = data.diets[state.diet];
      const slide = (control, value, said) => {
        control.value = value;
        control.setAttribute("aria-valuetext", said);
        say(control.parentElement.querySelector("output"), said);
      };
      set.step.max = steps.length - 1;
      set.at.max = state.words.length;
      slide(set.step, steps.indexOf(state.step), `${state.step} steps`);
      slide(set.at, state.at, `word ${state.at} of ${state.words.length}`);
      slide(set.length, state.words.length, `${state.words.length} words`);
      set.diet.value = state.diet;
      if (set.seed.length !== seeds.length || Number(set.seed.options[0].value) !== seeds[0]) {
        fill(set.seed, seeds.map((seed) => [seed, seed]), state.seed);
      }
      set.seed.value = state.seed;
      set.example.value = data.examples.findIndex(({ text }) => text === this.told);
      if (set.example.selectedIndex < 0) set.example.value = "";
      for (const radio of this.radios) radio.checked = radio.value === state.view;
      if (this.boxed !== this.told) { // else the box says what is read, and stays as the reader typed it
        this.boxed = set.text.value = this.told;
        say(this.rest, "");
      }
      const word = state.words[state.at - 1];
      const menu = `${state.at} ${word}`;
      if (this.menu === menu) return;
      this.menu = menu;
      const options = new Set([...this.sentences.slot(state.at - 1), word, data.stranger]);
      say(this.root.querySelector("[data-show=place]"), `word ${state.at}`);
      fill(set.word, [...options].map((one) => [one, this.sentences.knows(one) ? one : `${one} (unknown)`]), word);
    }
  }

  const wake = () => {
    for (const root of document.querySelectorAll(".pg:not(.pg-awake)")) root.playground = new PlaygroundView(root);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", wake);
  else wake();
})();
