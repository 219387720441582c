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

// Paper is white: what is printed from a dark page has the light theme's colours, its code and formulas too. The second
// event is for developer tools, which show a page as print without printing it.
{
  const page = document.documentElement.dataset;
  let wasDark = false;
  const toPaper = (begins) => {
    if (begins && page.theme === "dark") [wasDark, page.theme] = [true, "light"];
    else if (!begins && wasDark) [wasDark, page.theme] = [false, "dark"];
  };
  addEventListener("beforeprint", () => toPaper(true));
  addEventListener("afterprint", () => toPaper(false));
  matchMedia("print").addEventListener("change", ({ matches }) => toPaper(matches));
}
