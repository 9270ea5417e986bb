// Enhancements only: everything here also works without it.
import { initAll } from "./govuk-frontend.min.js";

initAll();

// The time left in the session: counts down by the minute, and says so in good time.
for (const shown of document.querySelectorAll("[data-countdown]")) {
  const ends = Date.parse(shown.dataset.countdown);
  const form = shown.closest("form");
  const live = document.getElementById("session-soon");
  let warned = false;
  const tick = () => {
    const minutes = Math.max(0, Math.floor((ends - Date.now()) / 60000));
    const words = minutes < 60 ? shown.dataset.minutes : shown.dataset.hours;
    shown.textContent = words.replace("%h", Math.floor(minutes / 60)).replace("%m", minutes < 60 ? minutes : minutes % 60);
    if (minutes < 5 && !warned) {
      warned = true;
      form?.classList.add("is-short");
      if (live) live.textContent = live.dataset.words;
    }
  };
  tick();
  setInterval(tick, 10000);
}

// A form is sent once: a second press while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.removeAttribute("aria-disabled");
  }
});

// Copy a number.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
}

// Print this page.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
