// Small improvements. Every page works without them, and each stands alone: one that fails takes none of the others away.
(() => {
  "use strict";
  const page = document.documentElement;

  // How the reader's country writes hours and dates; the server has chosen.
  const counts12 = page.dataset.clock !== "24";
  const locale = counts12 ? "en-US" : "en-GB";
  const formats = new Map();
  const fields = (date, timeZone) => {
    let format = formats.get(timeZone);
    if (!format) {
      format = new Intl.DateTimeFormat(locale, {
        weekday: "long", month: "long", day: "numeric", year: "numeric", hour: "numeric", minute: "2-digit",
        hourCycle: counts12 ? "h12" : "h23", timeZone,
      });
      formats.set(timeZone, format);
    }
    return Object.fromEntries(format.formatToParts(date).map((part) => [part.type, part.value]));
  };
  const day = (f) => counts12 ? `${f.weekday}, ${f.month} ${f.day}, ${f.year}` : `${f.weekday}, ${f.day} ${f.month} ${f.year}`;
  const half = (f) => counts12 ? ` ${f.dayPeriod.toLowerCase()}` : "";
  const digits = (f) => `${counts12 ? f.hour : f.hour.padStart(2, "0")}:${f.minute}`;
  const clock = (f) => digits(f) + half(f);
  const moment = (f) => `${day(f)}, ${clock(f)}`;
  const same = (one, other) => moment(one) === moment(other);

  // The city of a zone; some have none: Etc/GMT+5, EST.
  const city = (zone) => zone.includes("/") && !zone.startsWith("Etc/") ? zone.split("/").pop().replaceAll("_", " ") : "";
  const offset = (date, timeZone) =>
    new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "shortOffset" }).formatToParts(date)
      .find((part) => part.type === "timeZoneName").value.replace("GMT", "UTC").replace(/[+-]0$/, "");
  const inPlace = (text, date, zone) => city(zone) ? `${text} in ${city(zone)}` : `${text} ${offset(date, zone)}`;

  // The visitor's zone. A browser that does not know it says "Etc/Unknown", or nothing.
  const ownZone = (() => {
    try {
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      fields(new Date(0), zone);
      return zone;
    } catch {
      return "";
    }
  })();

  // A session in both zones: what the page says of it in the visitor's, and of the session's beside it.
  const bothZones = (start, zone) => {
    if (!ownZone || Number.isNaN(start.getTime())) return null;
    const own = fields(start, ownZone);
    const there = fields(start, zone);
    if (same(own, there)) return null;
    const text = day(own) === day(there) ? clock(there) : moment(there);
    return { own, there: inPlace(text, start, zone) };
  };

  const parts = {
    // One's own time first, the session's second.
    airings() {
      for (const block of document.querySelectorAll("[data-airing]")) {
        const start = new Date(block.dataset.airing);
        const both = bothZones(start, block.dataset.zone);
        if (!both) continue;
        const { own, there } = both;
        const until = fields(new Date(block.dataset.end), ownZone);
        const sameHalf = day(own) === day(until) && half(own) === half(until);
        block.querySelector(".month").textContent = own.month.slice(0, 3);
        block.querySelector(".day").textContent = own.day;
        block.querySelector(".airing-span time").textContent = day(own) === day(until)
          ? `${day(own)}, ${sameHalf ? digits(own) : clock(own)} to ${clock(until)}`
          : `${moment(own)} to ${moment(until)}`;
        block.querySelector(".zone").textContent = `Your time (${city(ownZone) || offset(start, ownZone)}) · ${there}`;
      }
    },

    // The same within a sentence.
    sentences() {
      for (const time of document.querySelectorAll("time[data-zone]")) {
        const both = bothZones(new Date(time.dateTime), time.dataset.zone);
        if (both) time.textContent = `${moment(both.own)} your time (${both.there})`;
      }
    },

    // The registration form tells which zone the visitor is in.
    zoneFields() {
      for (const field of document.querySelectorAll("input[data-fill='time-zone']")) {
        if (ownZone && !field.value) field.value = ownZone;
      }
    },

    // A question that hangs on the answer to another one is shown with that answer alone. What is typed into one that is
    // not asked any more stays in its field, and the server leaves it out.
    asked() {
      for (const place of document.querySelectorAll("[data-asked-if]")) {
        if (place.closest("fieldset[disabled]")) continue;
        const form = place.closest("form");
        const look = () => {
          const given = new FormData(form).getAll(place.dataset.askedIf);
          const earlier = form.querySelector(`[name="${place.dataset.askedIf}"]`);
          const isAsked = !earlier?.closest("[data-asked-if][hidden]") && given.includes(place.dataset.askedIs);
          if (place.hidden !== isAsked) return;
          place.hidden = !isAsked;
          form.dispatchEvent(new Event("change"));
        };
        place.querySelector(".only-if")?.remove();
        form.addEventListener("change", look);
        // A browser that goes back fills the fields in before it says so.
        addEventListener("pageshow", look);
        look();
      }
    },

    // The page of thanks names the address, which stands in the fragment of its own address: no server is told.
    typedAddress() {
      const place = document.querySelector("[data-address]");
      const address = decodeURIComponent(location.hash.slice(1));
      if (place && /^[^\s@]{1,64}@[^\s@]{1,255}$/.test(address)) {
        const said = document.createElement("strong");
        said.textContent = address;
        place.replaceChildren(said);
      }
    },

    // The waiting page counts down and opens by itself.
    countdown() {
      const countdown = document.querySelector("[data-countdown]");
      if (!countdown) return;
      const opens = new Date(countdown.dataset.countdown).getTime();
      const arrived = Date.now();
      const part = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;
      let timer;
      const tick = () => {
        const left = Math.ceil((opens - Date.now()) / 1000);
        if (left <= 0) {
          clearInterval(timer);
          // Not at once again and again where the visitor's clock is ahead of ours.
          setTimeout(() => location.reload(), Date.now() - arrived < 5000 ? 15000 : 1000);
          countdown.textContent = "Opening now";
          return;
        }
        const days = Math.floor(left / 86400);
        const hours = Math.floor((left % 86400) / 3600);
        const minutes = Math.floor((left % 3600) / 60);
        countdown.textContent =
          days > 0 ? `${part(days, "day")}, ${part(hours, "hour")}`
          : hours > 0 ? `${part(hours, "hour")}, ${part(minutes, "minute")}`
          : minutes > 0 ? `${part(minutes, "minute")}, ${part(left % 60, "second")}`
          : part(left, "second");
      };
      timer = setInterval(tick, 1000);
      tick();
      countdown.closest("[hidden]")?.removeAttribute("hidden");
    },

    // Who waits for the way in is let in when it opens, also before its time: the page looks whether it says something else.
    waiting() {
      const heading = document.querySelector("h1[data-waits]");
      if (!heading) return;
      const look = async () => {
        if (document.hidden) return;
        try {
          const answer = await fetch(location.href);
          if (!answer.ok) return;
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          if (page.querySelector("h1")?.textContent !== heading.textContent) location.reload();
        } catch {
          // Offline for a moment: the next look tells.
        }
      };
      setInterval(look, 20000);
    },

    // Copy buttons name the link or the words they copy; they stay hidden until there is a script to serve them.
    copyButtons() {
      for (const button of document.querySelectorAll("button[data-copy]")) {
        const link = document.getElementById(button.dataset.copy);
        if (!navigator.clipboard || !link) continue;
        const label = [...button.childNodes];
        button.hidden = false;
        button.addEventListener("click", async () => {
          await navigator.clipboard.writeText(link.href || link.textContent.trim());
          button.textContent = "Copied";
          setTimeout(() => { button.replaceChildren(...label); }, 2000);
        });
      }
    },

    // A form that was interrupted goes on by itself; without a script its button does it.
    interrupted() {
      document.querySelector("form[data-submit]")?.submit();
    },

    // What was typed into a page that no browser may keep stays in this tab until it is saved.
    typedText() {
      const key = (form) => `typed ${location.pathname}${location.search} ${form.getAttribute("action")}`;
      const typed = (form) => [...form.elements].filter((field) =>
        field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type));
      const isChosen = (field) => field.type === "radio" || field.type === "checkbox";
      const forms = [...document.querySelectorAll("form[data-keep]")];
      // What was sent is saved: it went on to another page.
      for (const sent of Object.keys(sessionStorage).filter((name) => name.startsWith("sent "))) {
        if (sessionStorage.getItem(sent) !== location.pathname + location.search) sessionStorage.removeItem(sent.slice(5));
        sessionStorage.removeItem(sent);
      }
      const fill = (form) => {
        const kept = JSON.parse(sessionStorage.getItem(key(form)) ?? "null");
        // A form that was sent back holds what was typed, and says what is wrong with it.
        if (!kept || document.getElementById("mistakes")) return;
        for (const field of typed(form)) {
          const values = kept[field.name];
          if (!values) continue;
          if (isChosen(field)) field.checked = values.includes(field.value);
          else field.value = values[0];
        }
        form.dispatchEvent(new Event("change"));
      };
      // WebKit keeps a page in memory and empties its fields with autocomplete="off", just after this event.
      addEventListener("pageshow", (event) => { if (event.persisted) setTimeout(() => forms.forEach(fill)); });
      for (const form of forms) {
        fill(form);
        form.addEventListener("input", () => {
          const values = {};
          for (const field of typed(form)) {
            values[field.name] ??= [];
            if (!isChosen(field) || field.checked) values[field.name].push(field.value);
          }
          sessionStorage.setItem(key(form), JSON.stringify(values));
        });
        form.addEventListener("submit", () =>
          sessionStorage.setItem(`sent ${key(form)}`, location.pathname + location.search));
      }
    },

    // A page of one person that comes back from the browser's memory may not be true any more.
    oldPages() {
      if (!("personal" in page.dataset)) return;
      addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    },
  };

  for (const [name, part] of Object.entries(parts)) {
    try {
      part();
    } catch (error) {
      console.error(name, error);
    }
  }
})();
