// Small improvements. Every page works without them.
(() => {
  "use strict";
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

  // A session's time in the visitor's own zone, where that zone reads another clock.
  const clockIn = (date, timeZone) =>
    new Intl.DateTimeFormat("en-US", {
      weekday: "long", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit",
      hourCycle: "h23", timeZone,
    }).format(date);

  for (const time of document.querySelectorAll("time[data-local]")) {
    const date = new Date(time.dateTime);
    if (!zone || Number.isNaN(date.getTime())) continue;
    const theirs = clockIn(date, zone);
    try {
      if (theirs === clockIn(date, time.dataset.local)) continue;
    } catch {
      // An unknown zone name: showing the visitor's time does no harm.
    }
    const line = document.createElement("span");
    line.className = "local-time";
    line.textContent = `${theirs} where you are`;
    (time.closest("[data-local-after]") ?? time).after(line);
  }

  // The registration form tells which zone the visitor is in.
  for (const field of document.querySelectorAll("input[data-fill='time-zone']")) {
    if (zone && !field.value) field.value = zone;
  }

  // The waiting page counts down and opens by itself.
  const countdown = document.querySelector("[data-countdown]");
  if (countdown) {
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
  }

  // Copy buttons name the link they copy; they stay hidden until there is a script to serve them.
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const link = document.getElementById(button.dataset.copy);
    if (!navigator.clipboard || !link) continue;
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(link.href);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  // A form that was sent back starts at its list of mistakes.
  document.getElementById("mistakes")?.focus();
})();
