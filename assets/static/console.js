// Keys for those who use the console all day. Every page works without them; they are silent while a field has the focus,
// and can be switched off (WCAG 2.1.4).
(() => {
  "use strict";
  const dialog = document.getElementById("keys");
  if (!dialog || !dialog.showModal) return;

  const STORED = "commonground.keys";
  const areOn = () => {
    try {
      return localStorage.getItem(STORED) !== "off";
    } catch {
      return true;
    }
  };
  const set = (on) => {
    try {
      localStorage.setItem(STORED, on ? "on" : "off");
    } catch {
      // Without storage it holds for nothing more than this page.
    }
  };

  const toggle = dialog.querySelector("[data-keys-toggle]");
  const show = () => {
    toggle.checked = areOn();
    dialog.showModal();
  };
  toggle.addEventListener("change", () => set(toggle.checked));
  for (const button of document.querySelectorAll("[data-keys]")) {
    button.hidden = false;
    button.addEventListener("click", show);
  }

  const go = (path) => location.assign(path);
  const places = { h: "/organizer", w: "/organizer/webcasts", p: "/organizer/people", m: "/organizer/mail" };
  const rows = () => [...document.querySelectorAll(".as-list tbody tr")].filter((row) => row.querySelector("a"));
  let hand = -1;
  const move = (by) => {
    const all = rows();
    if (all.length === 0) return;
    all[hand]?.classList.remove("at-hand");
    hand = Math.min(Math.max(hand + by, 0), all.length - 1);
    all[hand].classList.add("at-hand");
    all[hand].querySelector("a").focus();
  };
  const search = () => {
    const field = document.querySelector("[data-search]");
    if (field) field.focus();
    else go("/organizer/people");
  };
  const follow = (selector) => document.querySelector(selector)?.click();

  let waitsForPlace = false;
  const acts = {
    "/": search,
    "?": show,
    j: () => move(1),
    k: () => move(-1),
    n: () => follow("[data-new]"),
    g: () => {
      waitsForPlace = true;
      setTimeout(() => { waitsForPlace = false; }, 1500);
    },
  };

  const isTyping = (target) =>
    target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (dialog.open || isTyping(event.target) || !areOn()) return;
    if (waitsForPlace && places[event.key]) {
      waitsForPlace = false;
      event.preventDefault();
      go(places[event.key]);
      return;
    }
    const act = acts[event.key];
    if (act) {
      event.preventDefault();
      act();
    }
  });
})();
