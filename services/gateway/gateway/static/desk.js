// The desk's comforts: keys, news without reloading, and that others see who is answering. Every page works without.
(function () {
  "use strict";
  var dialog = document.getElementById("keys");
  var opener = document.querySelector("[data-keys]");
  var on = document.getElementById("keys-on");
  function stored(value) {
    try {
      if (value === undefined) { return window.localStorage.getItem("mtnet-desk-keys"); }
      window.localStorage.setItem("mtnet-desk-keys", value);
    } catch (problem) { /* nothing may be kept here */ }
    return null;
  }
  // Keys.
  if (dialog && dialog.showModal) {
    on.checked = stored() !== "off";
    on.addEventListener("change", function () { stored(on.checked ? "on" : "off"); });
    opener.hidden = false;
    opener.addEventListener("click", function () { dialog.showModal(); });
    document.addEventListener("keydown", function (event) {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open) { return; }
      if (event.target.closest("input, textarea, select, [contenteditable]")) { return; }
      if (event.key === "?") { event.preventDefault(); dialog.showModal(); return; }
      if (on.checked && { j: 1, k: 1, r: 1, n: 1 }[event.key]) {
        event.preventDefault();
        press(event.key);
      }
    });
  }
  function press(key) {
    if (key === "j" || key === "k") { step(key === "j" ? 1 : -1); return; }
    if (key === "r") {
      var text = document.getElementById("text");
      var chosen = current();
      if (text) { text.focus(); } else if (chosen) { chosen.querySelector("a").click(); }
      return;
    }
    var place = document.querySelector("[data-key='n']");
    if (!place) { return; }
    place.click();
    var note = document.getElementById("note");
    if (note) { note.closest("details").open = true; note.focus(); }
  }
  function rows() { return Array.prototype.slice.call(document.querySelectorAll("[data-row]")); }
  function current() {
    return document.activeElement ? document.activeElement.closest("[data-row]") : null;
  }
  function step(by) {
    var all = rows(), place = all.indexOf(current());
    var next = all[place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by];
    if (!next) { return; }
    (next.hasAttribute("tabindex") ? next : next.querySelector("a")).focus();
    next.scrollIntoView({ block: "nearest" });
  }
  // Ctrl and Enter sends what is being written.
  document.querySelectorAll("[data-send-by-keys], [data-lease]").forEach(function (form) {
    form.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form.requestSubmit) {
        event.preventDefault();
        form.requestSubmit(form.querySelector("button:not([name])"));
      }
    });
  });
  // Others see who is answering, from the first letter on.
  var mine = false, answering = document.querySelector("form[data-lease]");
  if (answering && window.fetch) {
    var told = 0;
    answering.addEventListener("input", function (event) {
      if (event.target.name !== "text" || Date.now() - told < 120000) { return; }
      told = Date.now();
      var form = new URLSearchParams({ csrf_token: answering.elements.csrf_token.value });
      fetch(answering.dataset.lease, { method: "POST", body: form, headers: { Accept: "application/json" } })
        .then(function (answer) {
          mine = answer.status === 204;
          if (place) { look(); }
        })
        .catch(function () { told = 0; });
    });
  }
  // News: one tab of a browser listens, the others hear it from that one. What is shown stays until it is asked for.
  var place = document.querySelector("[data-stream]");
  if (!place || !window.fetch || !window.DOMParser) { return; }
  var tabs = window.BroadcastChannel ? new BroadcastChannel("mtnet-desk") : null;
  var looking = false, again = false, shown = false, waiting = null;
  function look() {
    if (shown && !answering) { return; }
    if (looking || document.hidden) { again = true; return; }
    looking = true;
    again = false;
    var held = mine;
    page().then(function (fresh) {
      if (fresh) { tell(fresh, held); deliver(fresh); }
      if (fresh && !shown && fresh.getElementById(place.id).dataset.fresh !== place.dataset.fresh) { say(); }
    }).catch(function () { return null; }).then(function () {
      // However much happens, the page is asked for once in two seconds at most.
      window.setTimeout(function () { looking = false; if (again) { look(); } }, 2000);
    });
  }
  // A look of the browser's own prolongs no session.
  function page() {
    var asked = { headers: { "X-Look": "1", Accept: "text/html" } };
    return fetch(place.dataset.address, asked).then(function (answer) {
      return answer.ok && !answer.redirected ? answer.text() : "";
    }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html");
      return fresh.getElementById(place.id) ? fresh : null;
    });
  }
  // Who is answering stands there at once; whoever was taken over from reads that.
  function tell(fresh, held) {
    var here = document.getElementById("ticket-lease-holder"), now = fresh.getElementById("ticket-lease-holder");
    if (!here || !now) { return; }
    // A colleague may stand here from before, who has taken over again before it stood here that one answers oneself.
    var retaken = held && now.dataset.holder !== "me";
    if (here.dataset.holder === now.dataset.holder && !retaken) { return; }
    var lost = now.querySelector("[data-lost]");
    if (lost && (mine || here.dataset.holder === "me")) { lost.textContent = lost.dataset.lost; }
    here.dataset.holder = now.dataset.holder;
    mine = false;
    here.replaceChildren.apply(here, now.childNodes);
    var buttons = document.getElementById("ticket-lease-buttons");
    buttons.replaceChildren.apply(buttons, fresh.getElementById("ticket-lease-buttons").childNodes);
  }
  // What became of an answer stands at it at once.
  function deliver(fresh) {
    document.querySelectorAll("[data-delivery]").forEach(function (here) {
      var now = fresh.querySelector('[data-delivery="' + here.dataset.delivery + '"]');
      if (now && now.textContent !== here.textContent) { here.replaceChildren.apply(here, now.childNodes); }
    });
  }
  function say() {
    shown = true;
    var box = place.appendChild(document.createElement("p"));
    box.className = "portal-notice";
    box.appendChild(document.createTextNode(place.dataset.words + " "));
    var link = box.appendChild(document.createElement("a"));
    link.className = "govuk-link";
    link.href = place.dataset.address;
    link.textContent = place.dataset.show;
    // An answer that is being written stays: only what is read is put in place.
    if (place.dataset.parts) { link.addEventListener("click", renew); }
  }
  function renew(event) {
    event.preventDefault();
    page().then(function (fresh) {
      if (!fresh) { window.location.assign(place.dataset.address); return; }
      place.dataset.parts.split(" ").forEach(function (id) {
        document.getElementById(id).replaceWith(fresh.getElementById(id));
      });
      var version = fresh.querySelector("input[name=version]");
      document.querySelectorAll("input[name=version]").forEach(function (input) { input.value = version.value; });
      place.dataset.fresh = fresh.getElementById(place.id).dataset.fresh;
      place.textContent = "";
      shown = false;
      var all = rows();
      if (all.length) { all[all.length - 1].focus(); }
    }).catch(function () { window.location.assign(place.dataset.address); });
  }
  function poll() { if (!waiting) { waiting = window.setInterval(look, 30000); } }
  function listen() {
    return new Promise(function (done) {
      var source = new EventSource(place.dataset.stream);
      source.addEventListener("changed", function () {
        if (tabs) { tabs.postMessage("changed"); }
        look();
      });
      // What happened before the stream was open it does not tell: a ticket is looked at once more.
      source.onopen = function () { if (again || answering) { look(); } again = true; };
      // The browser opens it anew by itself, but where it was told not to: then it looks from time to time.
      source.onerror = function () { if (source.readyState === EventSource.CLOSED) { poll(); done(); } };
    });
  }
  if (tabs) { tabs.onmessage = look; }
  document.addEventListener("visibilitychange", function () { if (!document.hidden && again) { look(); } });
  if (window.EventSource && tabs && navigator.locks) {
    navigator.locks.request("mtnet-desk", listen).catch(poll);
  } else {
    poll();
  }
})();
