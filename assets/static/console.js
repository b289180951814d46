// Keys for those who use the console all day. Every page works without them; they are silent while a field has the focus,
// and can be switched off, in one browser or for one's account (WCAG 2.1.4).
(() => {
  "use strict";
  const dialog = document.getElementById("keys");
  if (!dialog || !dialog.showModal || document.documentElement.hasAttribute("data-keys-off")) return;

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
    e: () => follow("[data-export]"),
    x: () => rows()[hand]?.querySelector(".row-pick input")?.click(),
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

// Rows that are ticked: how many stands where they are done something to, and one box ticks the whole page.
(() => {
  "use strict";
  const form = document.querySelector("[data-bulk]");
  if (!form) return;
  const boxes = [...form.querySelectorAll("td.row-pick input")];
  const everybody = form.querySelector("#bulk-all");
  const legend = form.querySelector(".bulk-bar legend");
  const plain = legend.textContent;
  const page = document.createElement("input");
  page.type = "checkbox";
  page.setAttribute("aria-label", "Choose all on this page");
  form.querySelector("th.row-pick").replaceChildren(page);
  const say = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    page.checked = ticked === boxes.length;
    page.indeterminate = ticked > 0 && ticked < boxes.length;
    form.classList.toggle("chosen", ticked > 0 || everybody.checked);
    legend.textContent = ticked > 0 && !everybody.checked ? `With the ${ticked} that are ticked` : plain;
  };
  page.addEventListener("change", () => {
    for (const box of boxes) box.checked = page.checked;
    say();
  });
  form.addEventListener("change", say);
  // A browser brings ticks back with the page.
  say();
})();

// The figures of the day's page are read again by themselves; nothing else on it moves, and no field is emptied.
(() => {
  "use strict";
  const live = document.querySelectorAll("[data-live]");
  if (live.length === 0) return;
  const read = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(live[0].dataset.live);
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const place of live) {
        const fresh = page.getElementById(place.id);
        if (fresh && fresh.innerHTML !== place.innerHTML) place.replaceChildren(...fresh.childNodes);
      }
    } catch {
      // Offline for a moment: the next time shows it.
    }
  };
  setInterval(read, 20000);
})();

// What the clocks of four cities show at the start that is typed, while it is typed.
(() => {
  "use strict";
  const said = document.querySelector("[data-cities]");
  const form = said?.closest("form");
  if (!form) return;

  const CITIES = ["Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Tokyo"];
  const clock = (zone, more) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", hour: "2-digit", minute: "2-digit", ...more });
  const DAY = { weekday: "short", year: "numeric", month: "2-digit", day: "2-digit" };
  const parts = (at, zone) =>
    Object.fromEntries(clock(zone, { ...DAY, second: "2-digit" }).formatToParts(at).map(({ type, value }) => [type, value]));
  // How far a zone's clock is ahead of UTC then.
  const ahead = (at, zone) => {
    const p = parts(at, zone);
    return Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - at;
  };
  // The moment at which the zone's clock shows this; twice, because the first guess may lie beyond a change of clocks.
  const moment = (local, zone) => {
    const guess = local - ahead(local, zone);
    return local - ahead(guess, zone);
  };
  const show = () => {
    said.hidden = true;
    const { date, time, time_zone: zone } = form.elements;
    const local = Date.parse(`${date.value}T${time.value}Z`);
    if (Number.isNaN(local)) return;
    try {
      const at = moment(local, zone.value.trim());
      const home = parts(at, zone.value.trim());
      const cities = CITIES.map((city) => {
        const there = parts(at, city);
        const day = there.day === home.day ? "" : `${there.weekday} `;
        return `${day}${there.hour}:${there.minute} in ${city.split("/").pop().replace("_", " ")}`;
      });
      said.textContent = `That is ${cities.join(", ")}.`;
      said.hidden = false;
    } catch {
      // No such zone yet: it is being typed.
    }
  };
  form.addEventListener("input", show);
  show();
})();

// Buttons above a text in Markdown, which is typed as well without them.
(() => {
  "use strict";
  const put = (area, text, from, to) => {
    area.focus();
    // As if it were typed, so that it can be undone; where the browser does not do that, at least it is there.
    const typed = document.execCommand("insertText", false, text);
    if (!typed) area.setRangeText(text);
    area.setSelectionRange(from, to);
  };
  // Puts signs around what is selected, or takes them away.
  const around = (sign, words) => (area) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const selected = value.slice(start, end);
    const inner = selected || words;
    const { length } = sign;
    if (value.slice(start - length, start) === sign && value.slice(end, end + length) === sign && value[start - length - 1] !== "*") {
      area.setSelectionRange(start - length, end + length);
      put(area, selected, start - length, end - length);
    } else {
      put(area, sign + inner + sign, start + length, start + length + inner.length);
    }
  };
  // Puts a sign before each line that is selected.
  const before = (sign) => (area) => {
    const { selectionStart, selectionEnd, value } = area;
    const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const next = value.indexOf("\n", selectionEnd);
    const end = next < 0 ? value.length : next;
    const lines = value.slice(start, end).split("\n");
    const all = lines.every((line) => line.startsWith(sign));
    const text = lines.map((line) => (all ? line.slice(sign.length) : sign + line)).join("\n");
    area.setSelectionRange(start, end);
    put(area, text, start + (lines.length > 1 ? 0 : text.length), start + text.length);
  };
  const link = (area) => {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const words = value.slice(start, end) || "words";
    const address = "https://";
    put(area, `[${words}](${address})`, start + words.length + 3, start + words.length + 3 + address.length);
  };
  const bold = around("**", "bold");
  const italic = around("*", "italic");
  const acts = [["Bold", bold], ["Italic", italic], ["Heading", before("## ")], ["List", before("- ")], ["Link", link]];
  for (const place of document.querySelectorAll("[data-markdown]")) {
    const area = document.getElementById(place.dataset.markdown);
    const bar = document.createElement("div");
    bar.className = "toolbar";
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", "Format the description");
    for (const [name, act] of acts) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button second minor";
      button.textContent = name;
      button.addEventListener("click", () => act(area));
      bar.append(button);
    }
    area.before(bar);
    area.addEventListener("keydown", (event) => {
      const act = (event.ctrlKey || event.metaKey) && !event.altKey && { b: bold, i: italic }[event.key];
      if (act) {
        event.preventDefault();
        act(area);
      }
    });
  }
})();
