// In a notebook. The keys of a control are its own: Notebook 7 would select, and change, cells with them. And the handle
// of a slider has its label as its name.
"use strict";

(() => {
  const keep = (event) => {
    if (!event.target.closest?.(".sl-live")) return;
    const plain = !(event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) && event.key !== "Escape";
    event.target.toggleAttribute("data-lm-suppress-shortcuts", plain); // Notebook 7 and JupyterLab look for it first
  };
  if (!window.sevenLensesKeys) addEventListener("keydown", keep, true); // before the notebook's own
  window.sevenLensesKeys = true;

  const name = () => {
    for (const handle of document.querySelectorAll(".sl-live .noUi-handle:not([aria-label])")) {
      handle.ariaLabel = handle.closest(".widget-hslider").querySelector(".widget-label").textContent;
    }
  };
  requestAnimationFrame(() => requestAnimationFrame(name)); // once the view is laid out, with all that it holds
})();
