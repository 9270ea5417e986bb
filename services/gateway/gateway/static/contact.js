// The form to the helpdesk: questions that fit, while somebody types the subject. Without it the page has a search.
(() => {
  "use strict";
  const place = document.getElementById("contact-answers");
  const subject = document.getElementById("subject");
  if (!place || !subject) return;
  const PAUSE = 400; // milliseconds without a key
  let asked = "", timer = 0, request = null;

  function show(items) {
    place.replaceChildren();
    if (!items.length) return;
    const heading = document.createElement("p");
    heading.className = "govuk-hint";
    heading.textContent = place.dataset.heading;
    const list = document.createElement("ul");
    list.className = "govuk-list govuk-list--bullet";
    for (const item of items) {
      const link = document.createElement("a");
      link.className = "govuk-link";
      link.href = item.address;
      link.target = "_blank"; // what was typed stays
      link.rel = "noopener";
      link.textContent = item.title;
      const row = document.createElement("li");
      row.append(link);
      list.append(row);
    }
    place.append(heading, list);
  }

  async function look() {
    const typed = subject.value.trim();
    if (typed === asked) return;
    asked = typed;
    if (request) request.abort();
    if (typed.length < 2) return show([]);
    request = new AbortController();
    try {
      const response = await fetch(`${place.dataset.answers}?q=${encodeURIComponent(typed)}`, { signal: request.signal });
      if (response.ok) show((await response.json()).items);
    } catch {
      // Nobody waits for it.
    }
  }

  subject.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(look, PAUSE); // not in the middle of a character
  });
  subject.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(look, PAUSE); });
})();
