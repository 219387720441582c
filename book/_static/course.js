// A box that scrolls sideways must take the keyboard's focus, or only a mouse can scroll it. Which boxes scroll depends
// on the width of the page and, for formulas, on when they are typeset.
"use strict";

const boxes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const box = target.matches("div.math") ? target.querySelector("mjx-container") : target;
    if (box && box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box?.removeAttribute("tabindex");
  }
});

for (const box of document.querySelectorAll("div.math, .pst-scrollable-table-container, .bd-article pre")) {
  boxes.observe(box);
}
