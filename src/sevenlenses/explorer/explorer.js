// The page's face of an explorer: real controls that put stored layers of a picture together. No kernel, no network.
"use strict";

// What is told of a picture to those who do not see it: only the sentences that are new, once nothing has moved for a
// while. Whatever plays or is dragged moves more often than that. The playground speaks so, too.
class Speaker {
  static REST_MS = 800;

  constructor(root) {
    this.region = document.createElement("p");
    this.region.className = "sl-spoken";
    this.region.setAttribute("aria-live", "polite");
    root.append(this.region);
  }

  // Something has moved, and all that could be told is now this text. What is there at first is read where it stands.
  moved(text) {
    const sentences = text.trim().split(/(?<=[.?!])\s+(?=\p{Lu})|\s*\n\s*/u);
    this.told ??= sentences;
    this.region.textContent = "";
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      this.region.textContent = sentences.filter((one) => !this.told.includes(one)).join(" ");
      this.told = sentences;
    }, Speaker.REST_MS);
  }
}

(() => {
  const STEP_MS = 350; // between stops while playing

  class Explorer {
    constructor(root) {
      this.root = root;
      this.data = JSON.parse(root.querySelector(".sl-data").textContent);
      this.controls = [...root.querySelectorAll("[data-knob]")];
      this.sentences = root.querySelector(".sl-said");
      this.legend = [...root.querySelectorAll(".sl-legend li")]; // none where the controls' headings name the models
      this.groups = this.data.layers.stack.map((layer) => root.querySelectorAll(`[data-layer="${layer.name}"]`));
      this.shown = [];
      this.speaker = new Speaker(root);
      for (const control of this.controls) control.addEventListener("input", () => this.update());
      const button = root.querySelector(".sl-play");
      if (button) this.prepare(button);
      this.update();
    }

    // Which stored frame of a layer, or of the legend, the controls ask for: its knobs' positions as digits of one number.
    frame(layer) {
      return layer.knobs.reduce((n, k) => n * this.data.knobs[k].stops.length + this.position(k), 0);
    }

    position(knob) {
      const control = this.controls[knob];
      return control.tagName === "SELECT" ? control.selectedIndex : Number(control.value);
    }

    update() {
      this.controls.forEach((control, knob) => {
        if (control.type !== "range") return;
        const said = this.data.knobs[knob].stops[this.position(knob)];
        control.setAttribute("aria-valuetext", said);
        control.parentElement.querySelector("output").textContent = said;
      });
      this.compose();
      this.speaker.moved(this.sentences.textContent);
    }

    compose() {
      const { tags, stack } = this.data.layers;
      let changed = false;
      stack.forEach((layer, i) => {
        const frame = this.frame(layer);
        if (frame === this.shown[i]) return;
        this.shown[i] = frame;
        layer.frames[frame].forEach((panel, p) => {
          this.groups[i][p].innerHTML = panel.map((n) => tags[n]).join("");
        });
        changed = true;
      });
      if (!changed) return;
      const named = this.data.legend.frames[this.frame(this.data.legend)];
      this.legend.forEach((model, n) => {
        model.hidden = !named.includes(n);
      });
      const words = stack.map((layer, i) => {
        const line = document.createElement("span");
        line.textContent = `${layer.said[this.shown[i]]} `;
        return line;
      });
      this.sentences.replaceChildren(...words);
    }

    prepare(button) {
      const slider = this.controls[this.data.play];
      const stop = () => {
        clearInterval(this.timer);
        this.timer = undefined;
        button.textContent = "Play";
        button.setAttribute("aria-pressed", "false");
      };
      const start = () => {
        if (slider.value === slider.max) slider.value = slider.min;
        button.textContent = "Pause";
        button.setAttribute("aria-pressed", "true");
        this.timer = setInterval(() => {
          slider.stepUp();
          this.update();
          if (slider.value === slider.max) stop();
        }, STEP_MS);
      };
      button.addEventListener("click", () => (this.timer === undefined ? start() : stop()));
      slider.addEventListener("pointerdown", stop);
      slider.addEventListener("keydown", stop);
    }
  }

  const wake = () => {
    for (const root of document.querySelectorAll(".sl-explorer")) {
      if (!root.querySelector(".sl-data")) continue;
      root.explorer = new Explorer(root);
      root.classList.add("sl-awake");
    }
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", wake);
  else wake();
})();
