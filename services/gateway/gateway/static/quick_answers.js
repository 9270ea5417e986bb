// The box in a ticket: quick answers while one types, put into the answer with Enter. Without it there is a link.
(() => {
  "use strict";
  const box = document.querySelector("[data-quick-answers]");
  if (!box) return;
  const words = box.dataset;
  const part = box.querySelector("[hidden]");
  const field = box.querySelector("#quick-answer-search");
  const list = box.querySelector("#quick-answer-list");
  const status = box.querySelector("#quick-answer-status");
  const form = box.closest("form");
  const target = document.querySelector("textarea[data-quick-answer]") || document.querySelector("textarea[name=text]");
  if (!form || !target) return;
  part.hidden = false;

  const PAUSE = 120; // milliseconds without a key, so that a word is asked for and not each of its letters
  let chosen = -1, asked = "", unanswered = "", timer = 0, request = null;

  const options = () => [...list.querySelectorAll("[role=option]")];

  function text(parent, parts) {
    for (const piece of parts) {
      const node = document.createElement(piece.marked ? "mark" : "span");
      node.textContent = piece.text;
      parent.append(node);
    }
  }

  function choose(number) {
    const all = options();
    chosen = all.length ? (number + all.length) % all.length : -1;
    all.forEach((option, n) => {
      option.setAttribute("aria-selected", String(n === chosen));
      option.classList.toggle("portal-mark", n === chosen);
    });
    if (chosen < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    }
  }

  function close() {
    list.hidden = true;
    list.replaceChildren();
    field.setAttribute("aria-expanded", "false");
    choose(0);
  }

  function show(items) {
    list.replaceChildren(...items.map((item, n) => {
      const option = document.createElement("li");
      option.id = `quick-answer-${n}`;
      option.setAttribute("role", "option");
      option.dataset.id = item.answer_id;
      const question = document.createElement("strong");
      text(question, item.question);
      option.append(question);
      if (item.near) option.append(` (${words.near})`);
      option.append(document.createElement("br"));
      text(option, item.answer);
      option.addEventListener("mousedown", (event) => { event.preventDefault(); insert(item.answer_id); });
      return option;
    }));
    list.hidden = !items.length;
    field.setAttribute("aria-expanded", String(items.length > 0));
    status.textContent = items.length ? words.found.replace("{n}", items.length) : words.none;
    unanswered = items.some((item) => !item.near) ? "" : asked;
    choose(0);
  }

  async function search() {
    const typed = field.value.trim();
    if (typed === asked) return;
    asked = typed;
    if (request) request.abort();
    if (!typed) { status.textContent = ""; unanswered = ""; close(); return; }
    request = new AbortController();
    try {
      const response = await fetch(`${words.quickAnswers}?q=${encodeURIComponent(typed)}`, { signal: request.signal });
      if (!response.ok) throw new Error(response.status);
      show((await response.json()).items);
    } catch (problem) {
      if (problem.name === "AbortError") return;
      asked = "";
      close();
      status.textContent = words.away;
    }
  }

  function send(address, values) {
    const body = new URLSearchParams({
      csrf_token: form.querySelector("[name=csrf_token]").value,
      key: [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join(""),
      ...values,
    });
    return fetch(address, { method: "POST", body });
  }

  async function insert(id) {
    try {
      const response = await send(`${words.use}/${id}/use`, { locale: words.locale });
      if (!response.ok) throw new Error(response.status);
      const [found] = (await response.json()).items;
      if (!found) throw new Error("gone");
      const before = target.value.slice(0, target.selectionStart);
      const gap = before && !before.endsWith("\n") ? "\n" : "";
      target.setRangeText(gap + found.answer + "\n", target.selectionStart, target.selectionEnd, "end");
      target.dispatchEvent(new Event("input", { bubbles: true }));
      field.value = asked = unanswered = "";
      close();
      status.textContent = words.inserted;
      target.focus();
    } catch {
      status.textContent = words.away;
    }
  }

  field.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(search, PAUSE); // not in the middle of a character
  });
  field.addEventListener("compositionend", () => { clearTimeout(timer); timer = setTimeout(search, PAUSE); });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter") {
      event.preventDefault(); // never sends the answer
      const all = options();
      if (all[chosen]) insert(all[chosen].dataset.id);
    } else if (event.key === "Escape") {
      close();
      status.textContent = "";
    }
  });
  field.addEventListener("blur", () => {
    if (unanswered) send(words.missing, { q: unanswered }).catch(() => {});
    unanswered = "";
  });
})();
