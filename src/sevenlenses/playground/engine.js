// The forward pass of the playground's three models, as the Python package writes it; no dependency, nothing of a page.
//
// A model is { start, next, answer }: the state before the first word; the state after one more word; and, at the stop,
// the outputs, one number a suspect. Where one word of a state can be exchanged, `swap` does so at once. What a state
// holds is what the model has of the past: h of an RNN, h and c of an LSTM, the keys and values of attention. Words come
// as their numbers. Names of weights are PyTorch's.
"use strict";

const PlaygroundEngine = (() => {
  const SIZE = 4; // of a word's input where the word is; 0 elsewhere (tasks/tokens.py)
  const HEADS = 4;
  const EPSILON = 1e-5; // of LayerNorm

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));

  // y = W x + b; W (rows, columns) lies row after row.
  function linear(weight, x, bias) {
    const columns = x.length;
    const y = new Float64Array(weight.length / columns);
    for (let row = 0, at = 0; row < y.length; row++) {
      let sum = bias ? bias[row] : 0;
      for (let column = 0; column < columns; column++) sum += weight[at++] * x[column];
      y[row] = sum;
    }
    return y;
  }

  // The same for a word: its input is SIZE at the word's number, so that W x is SIZE times one column of W.
  function ofWord(weight, number, words, ...biases) {
    const y = new Float64Array(weight.length / words);
    for (let row = 0; row < y.length; row++) {
      y[row] = SIZE * weight[row * words + number];
      for (const bias of biases) y[row] += bias[row];
    }
    return y;
  }

  function softmax(x) {
    const most = x.reduce((a, b) => Math.max(a, b));
    const powers = x.map((one) => Math.exp(one - most));
    const sum = powers.reduce((a, b) => a + b);
    return powers.map((one) => one / sum);
  }

  // The value of each whole number, computed when first asked for.
  function remembered(compute) {
    const known = new Map();
    return (number) => {
      if (!known.has(number)) known.set(number, compute(number));
      return known.get(number);
    };
  }

  // h(t) = tanh(W_ih x(t) + b_ih + W_hh h(t-1) + b_hh)
  function rnn(w, words, stop) {
    const bias = [w["rnn.bias_ih_l0"], w["rnn.bias_hh_l0"]];
    const input = remembered((number) => ofWord(w["rnn.weight_ih_l0"], number, words, ...bias));
    const next = (state, number) => {
      const h = linear(w["rnn.weight_hh_l0"], state.h, input(number));
      for (let unit = 0; unit < h.length; unit++) h[unit] = Math.tanh(h[unit]);
      return { h };
    };
    const answer = (state) => ({ outputs: linear(w["head.weight"], next(state, stop).h, w["head.bias"]) });
    return { start: { h: new Float64Array(bias[0].length) }, next, answer };
  }

  // c(t) = f c(t-1) + i g and h(t) = o tanh c(t); the rows of the weights come in the order i, f, g, o.
  function lstm(w, words, stop) {
    const bias = [w["rnn.bias_ih_l0"], w["rnn.bias_hh_l0"]];
    const size = bias[0].length / 4;
    const input = remembered((number) => ofWord(w["rnn.weight_ih_l0"], number, words, ...bias));
    const next = (state, number) => {
      const rows = linear(w["rnn.weight_hh_l0"], state.h, input(number));
      const [i, f, g, o] = [0, 1, 2, 3].map((gate) => rows.subarray(gate * size, (gate + 1) * size));
      const [c, h] = [new Float64Array(size), new Float64Array(size)];
      for (let unit = 0; unit < size; unit++) {
        i[unit] = sigmoid(i[unit]);
        f[unit] = sigmoid(f[unit]);
        g[unit] = Math.tanh(g[unit]);
        o[unit] = sigmoid(o[unit]);
        c[unit] = f[unit] * state.c[unit] + i[unit] * g[unit];
        h[unit] = o[unit] * Math.tanh(c[unit]);
      }
      return { i, f, g, o, c, h };
    };
    const answer = (state) => ({ outputs: linear(w["head.weight"], next(state, stop).h, w["head.bias"]) });
    return { start: { h: new Float64Array(size), c: new Float64Array(size) }, next, answer };
  }

  // e(t) = W_e x(t) + b_e + position;  q, k, v = W norm(e);  y = W_o (e + W_p Σ a v) + b_o
  function attention(w, words, stop) {
    const size = w["norm.weight"].length;
    const wide = size / HEADS;

    // What the word with this number puts down at place t: e, and q, k, v one after the other.
    const stored = (number, t) => put(number + words * t);
    const put = remembered((key) => {
      const [number, t] = [key % words, Math.floor(key / words)];
      const e = ofWord(w["embed.weight"], number, words, w["embed.bias"]);
      for (let n = 0; n < size; n += 2) {
        const angle = t / 10000 ** (n / size);
        e[n] += Math.sin(angle);
        e[n + 1] += Math.cos(angle);
      }
      return { e, qkv: linear(w["qkv.weight"], normed(e)) };
    });

    function normed(x) {
      const mean = x.reduce((a, b) => a + b) / size;
      const spread = Math.sqrt(x.reduce((sum, one) => sum + (one - mean) ** 2, 0) / size + EPSILON);
      return x.map((one, n) => ((one - mean) / spread) * w["norm.weight"][n] + w["norm.bias"][n]);
    }

    const next = (state, number) => [...state, stored(number, state.length)];
    const swap = (state, place, number) => state.with(place, stored(number, place)); // no other place has read it

    // The stop asks; it reads all words and itself. Its weights: one row a head, the stop's own weight last.
    function answer(state) {
      const all = next(state, stop);
      const { e, qkv: asking } = all[all.length - 1];
      const mixed = new Float64Array(size);
      const weights = [];
      for (let head = 0; head < HEADS; head++) {
        const first = head * wide;
        const scores = new Float64Array(all.length);
        for (let s = 0; s < all.length; s++) {
          for (let n = first; n < first + wide; n++) scores[s] += asking[n] * all[s].qkv[size + n];
          scores[s] /= Math.sqrt(wide);
        }
        const a = softmax(scores);
        for (let s = 0; s < all.length; s++) {
          for (let n = first; n < first + wide; n++) mixed[n] += a[s] * all[s].qkv[2 * size + n];
        }
        weights.push(a);
      }
      return { outputs: linear(w["head.weight"], linear(w["mix.weight"], mixed, e), w["head.bias"]), weights };
    }
    return { start: [], next, swap, answer };
  }

  const MODELS = { rnn, lstm, attention };

  // Half precision to numbers: a sign, five bits of exponent, ten of fraction.
  function half(bits) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    return exponent ? sign * 2 ** (exponent - 15) * (1 + fraction / 1024) : sign * 2 ** -14 * (fraction / 1024);
  }

  // A model from `weights.packed` of the Python package: shapes by name, numbers as base64.
  function model(name, { shapes, steps }, step, words, stop) {
    const bytes = Uint8Array.from(atob(steps[step]), (one) => one.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const weights = {};
    let at = 0;
    for (const [key, shape] of Object.entries(shapes)) {
      const count = shape.reduce((a, b) => a * b, 1);
      weights[key] = Float64Array.from({ length: count }, (_, n) => half(view.getUint16(2 * (at + n), true)));
      at += count;
    }
    return MODELS[name](weights, words, stop);
  }

  // Read a sentence: the state after every word, and what the model would say if the sentence stopped there.
  function read(model, numbers) {
    const states = [model.start];
    for (const number of numbers) states.push(model.next(states[states.length - 1], number));
    const answers = states.slice(1).map((state) => {
      const { outputs, weights } = model.answer(state);
      return { chances: softmax(outputs), weights };
    });
    return { states, answers };
  }

  const largest = (x) => x.reduce((best, one, n) => (one > x[best] ? n : best), 0);

  // The credit of each of the first `at` words by occlusion: how far the log probability of the model's answer falls, in
  // nats, when the word is replaced by each of the `others(n)`, on average. Word by word, so that one may pause between.
  function* credit(model, numbers, { states, answers }, at, others) {
    const before = answers[at - 1].chances;
    const said = largest(before);
    for (let n = 0; n < at; n++) {
      const falls = others(n).map((other) => {
        let state = model.swap?.(states[at], n, other);
        if (!state) {
          state = model.next(states[n], other);
          for (let t = n + 1; t < at; t++) state = model.next(state, numbers[t]);
        }
        return Math.log(before[said]) - Math.log(softmax(model.answer(state).outputs)[said]);
      });
      yield falls.reduce((a, b) => a + b) / falls.length;
    }
  }

  return { model, read, credit, largest, softmax };
})();
