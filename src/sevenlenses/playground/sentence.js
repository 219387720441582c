// Sentences and addresses: text to words, words to numbers, what may stand in each place, and a state as a `#...`.
// Whatever comes in from a reader or an address is only ever compared, cut and handed on as text.
"use strict";

class PlaygroundSentences {
  // A word of any script: letters and digits with the marks upon them and what joins them unseen, as Persian and Indic
  // scripts need it; between these an apostrophe, a hyphen, a middle dot. A long word is cut between letters, and not after
  // a joint. All other signs, emoji too, stand between words. `playground/reading.py` has the same rule.
  static #LETTER = "[\\p{L}\\p{N}]";
  static #MARK = "[\\p{M}\\u200c\\u200d]";
  static #PART = `${this.#LETTER}(?:${this.#LETTER}|${this.#MARK})*`;
  static #WORD = new RegExp(`${this.#PART}(?:['’\\-‐‑·׳״]${this.#PART})*`, "gu");
  static #SHORT = new RegExp(`^(?:(?!${this.#MARK}).${this.#MARK}{0,8}){0,23}${this.#LETTER}${this.#MARK}{0,8}`, "u");

  // language: { words, suspects, opening, clause, stop, unknown, longest } as the Python package has them
  constructor(language) {
    Object.assign(this, language);
    this.numbers = new Map(this.words.map((word, n) => [word, n]));
    this.first = this.opening.length + 1; // the words of the shortest sentence: the suspect is the last of them
    this.kinds = [...this.opening.map((word) => [word]), ...this.clause];
  }

  // Text as words, in lower case: no more of them than are read. The stop at the end is implied.
  split(text, most = this.longest) {
    const plain = String(text).replaceAll("\u00ad", "").toLowerCase().normalize("NFC"); // less hyphens for line ends
    const words = plain.match(PlaygroundSentences.#WORD) ?? [];
    return words.slice(0, most).map((word) => word.match(PlaygroundSentences.#SHORT)[0]);
  }

  knows(word) {
    return this.numbers.has(word) && word !== this.unknown && word !== this.stop;
  }

  number(word) {
    return this.knows(word) ? this.numbers.get(word) : this.numbers.get(this.unknown);
  }

  // The fifth word, if it is a name: whom the detective suspects.
  right(words) {
    const word = words[this.first - 1];
    return this.suspects.includes(word) ? word : undefined;
  }

  // The words that may stand in a place (0 is the first).
  slot(place) {
    if (place < this.opening.length) return [this.opening[place]];
    if (place === this.opening.length) return this.suspects;
    return this.clause[(place - this.first) % this.clause.length];
  }

  // The other words of a word's slot, as numbers.
  rivals(words, place) {
    const word = words[place];
    const slot = this.knows(word) ? this.kinds.find((kind) => kind.includes(word)) : this.slot(place);
    return slot.filter((other) => other !== word).map((other) => this.number(other));
  }

  // What occlusion puts in a word's place: the other words of its slot; where there is none, a word nobody knows.
  others(words, place) {
    const rivals = this.rivals(words, place);
    return rivals.length ? rivals : [this.numbers.get(this.unknown)];
  }

  // The first words as they are, cut or continued by chance to `length`.
  stretched(words, length, chance = Math.random) {
    const draw = (slot) => slot[Math.floor(chance() * slot.length)];
    const more = Array.from({ length: Math.max(0, length - words.length) }, (_, n) => draw(this.slot(words.length + n)));
    return [...words.slice(0, length), ...more];
  }

  // The address of a state: "#seed=2&step=400&at=7&words=the+detective+..."
  address({ diet, seed, step, view, at, words }) {
    return `#${new URLSearchParams({ diet, seed, step, view, at, words: words.join(" ") })}`;
  }

  // The state in an address, as far as there is one: what is out of range is brought into it, what is unknown left out.
  // choices: { diets: { name: { seeds, steps } }, views }; the rest comes from `state`.
  from(address, state, choices) {
    const asked = new URLSearchParams(String(address).replace(/^#/, ""));
    const pick = (name, allowed) => (allowed.includes(asked.get(name)) ? asked.get(name) : state[name]);
    const near = (name, allowed) => {
      const number = asked.get(name)?.trim() ? Number(asked.get(name)) : NaN;
      const wanted = Math.min(1e6, Math.max(-1e6, Number.isNaN(number) ? state[name] : number));
      return allowed.reduce((best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best));
    };
    const diet = pick("diet", Object.keys(choices.diets));
    const { seeds, steps } = choices.diets[diet];
    const words = this.split(asked.get("words") ?? "");
    const told = words.length ? words : state.words;
    return {
      diet,
      seed: near("seed", seeds),
      step: near("step", steps),
      view: pick("view", choices.views),
      at: near("at", told.map((_, n) => n + 1)),
      words: told,
    };
  }
}
