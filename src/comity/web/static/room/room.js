// The room works without this. It adds keys, and says aloud that something changed.
"use strict";
(() => {
  let going = false;
  const typing = (element) => element.closest("input, textarea, select, [contenteditable]");
  const move = (by) => {
    const items = [...document.querySelectorAll(".waiting > li a, .list > li a:first-of-type")];
    if (!items.length) return;
    const at = items.indexOf(document.activeElement);
    items[Math.min(items.length - 1, Math.max(0, at + by))].focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (going) {
      going = false;
      // Two rooms may begin alike: from the first of them, the letter goes to the second.
      const there = [...document.querySelectorAll(`[data-go="${CSS.escape(event.key)}"]`)];
      if (!there.length) return;
      const here = there.findIndex((link) => link.hasAttribute("aria-current"));
      there[(here + 1) % there.length].click();
      return;
    }
    if (event.key === "g") { going = true; setTimeout(() => { going = false; }, 1500); }
    else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "?") document.getElementById("keys")?.showModal();
  });
  // What was unfolded stays so when a part of the page comes anew.
  const folded = (one) =>
    `${one.closest("[id]")?.id} ${one.querySelector("summary")?.textContent}`;
  let unfolded = new Set();
  document.addEventListener("htmx:beforeSwap", () => {
    unfolded = new Set([...document.querySelectorAll("details[open]")].map(folded));
  });
  document.addEventListener("htmx:afterSettle", () => {
    for (const one of document.querySelectorAll("details:not([open])")) {
      if (unfolded.has(folded(one))) one.open = true;
    }
  });
  // The clock of an exercise goes on between two looks at it; a new day comes with the next look.
  setInterval(() => {
    const shown = document.querySelector("#exercise-clock time[data-pace]");
    if (!shown) return;
    if (!shown.dataset.seen) shown.dataset.seen = Date.now() - 500;
    const begun = new Date(shown.dateTime);
    const at = new Date(begun.getTime() + (Date.now() - shown.dataset.seen) * shown.dataset.pace);
    if (at.getUTCDate() !== begun.getUTCDate()) return;
    shown.textContent = shown.textContent.replace(/\d\d:\d\d/, at.toISOString().slice(11, 16));
  }, 1000);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.closest("[data-quiet]") || event.detail.elt?.closest("[data-quiet]")) return;
    const news = document.getElementById("news");
    if (news) news.textContent = document.title;
    event.target.classList.add("changed");
    setTimeout(() => event.target.classList.remove("changed"), 1000);
  });
})();
