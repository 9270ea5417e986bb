// Small comforts; every page works without them.
(function () {
  "use strict";
  document.documentElement.classList.add("js-enabled");
  // The session's countdown: the seconds the server told, on a clock that nobody can set. What one tab learns, the
  // others hear. A computer that slept, or a page taken from the history, asks the server, which prolongs nothing.
  var tabs = window.BroadcastChannel ? new BroadcastChannel("mtnet-session") : null;
  document.querySelectorAll("[data-remaining]").forEach(function (shown) {
    var soon = document.getElementById("session-soon");
    var end, asked, drift;
    function told(seconds, since) {
      asked = since;
      end = since + seconds * 1000;
      drift = Date.now() - performance.now();
      tick();
    }
    function tick() {
      var minutes = Math.max(0, Math.floor((end - performance.now()) / 60000));
      var words = minutes < 60 ? shown.dataset.minutes : shown.dataset.hours;
      words = words.replace("%h", String(Math.floor(minutes / 60))).replace("%m", String(minutes % 60));
      if (shown.textContent !== words) { shown.textContent = words; }
      var ends = minutes < Number(shown.dataset.soon);
      shown.classList.toggle("portal-soon", ends);
      if (ends !== Boolean(soon.firstElementChild)) { say(ends ? soon.dataset.words : ""); }
    }
    function say(words) {
      soon.textContent = "";
      if (words) {
        var said = soon.appendChild(document.createElement("p"));
        said.className = "portal-mark";
        said.textContent = words;
      }
    }
    function tell(message) { if (tabs) { tabs.postMessage(message); } }
    function ask() {
      if (!window.fetch) { return; }
      var since = performance.now();
      asked = since;
      fetch(shown.dataset.ask, { headers: { Accept: "application/json" } }).then(function (answer) {
        if (answer.status === 401) { told(0, since); return null; }
        return answer.ok ? answer.json() : null;
      }).then(function (session) {
        if (session) { told(session.remaining, since); }
      }).catch(function () { /* no network: the countdown goes on */ });
    }
    // Extending must not throw away what is being typed, so the page stays.
    var form = shown.closest("form[data-extend]");
    if (form && window.fetch) {
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        event.stopPropagation();
        var since = performance.now();
        fetch(form.action, {
          method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" }
        }).then(function (answer) {
          if (!answer.ok) { throw new Error("not extended"); }
          return answer.json();
        }).then(function (session) {
          told(session.remaining, since);
          tell({ remaining: session.remaining });
        }).catch(function () { say(soon.dataset.failed); });
      });
    }
    document.querySelectorAll("form[data-logout]").forEach(function (logout) {
      logout.addEventListener("submit", function () { tell({ ask: true }); });
    });
    if (tabs) {
      tabs.addEventListener("message", function (event) {
        if (event.data.ask) { window.setTimeout(ask, 1500); } else { told(event.data.remaining, performance.now()); }
      });
    }
    // Time goes on while the page travels: it counts from when the answer began to arrive.
    var arrival = performance.getEntriesByType ? performance.getEntriesByType("navigation")[0] : null;
    told(Number(shown.dataset.remaining), arrival ? arrival.responseStart : performance.now());
    tell({ remaining: Math.max(0, (end - performance.now()) / 1000) });
    window.addEventListener("pageshow", function (event) { if (event.persisted) { ask(); } });
    document.addEventListener("visibilitychange", function () {
      if (!document.hidden && performance.now() - asked > 60000) { ask(); }
    });
    window.setInterval(function () {
      // The steady clock may stand still while the computer sleeps; the other one then jumps.
      if (Math.abs(Date.now() - performance.now() - drift) > 30000) {
        drift = Date.now() - performance.now();
        ask();
      }
      tick();
    }, 10000);
  });
  // A file that is too large is told before it is sent, at its field, in the server's words.
  function tooLarge(input) {
    var file = input.files && input.files[0];
    var group = input.closest(".govuk-form-group");
    var said = document.getElementById(input.id + "-too-large");
    var large = Boolean(file) && file.size > Number(input.dataset.largest);
    group.classList.toggle("govuk-form-group--error", large || Boolean(group.querySelector("#" + input.id + "-error")));
    if (large && !said) {
      said = input.parentNode.insertBefore(document.createElement("p"), input);
      said.id = input.id + "-too-large";
      said.className = "govuk-error-message";
      said.setAttribute("role", "alert");
      said.textContent = input.dataset.tooLarge;
      input.setAttribute("aria-describedby", input.getAttribute("aria-describedby") + " " + said.id);
    } else if (!large && said) {
      input.setAttribute("aria-describedby", input.getAttribute("aria-describedby").replace(" " + said.id, ""));
      said.remove();
    }
    return large;
  }
  document.querySelectorAll("input[data-largest]").forEach(function (input) {
    input.addEventListener("change", function () { tooLarge(input); });
    input.form.addEventListener("submit", function (event) {
      if (tooLarge(input)) {
        event.preventDefault();
        event.stopPropagation();
        input.focus();
      }
    });
  });
  // What goes on by itself is looked at again every two seconds, as long as the page is seen.
  function lookAgain(shown) {
    window.setTimeout(function () {
      if (document.hidden) { lookAgain(shown); return; }
      fetch(shown.dataset.live, { headers: { Accept: "text/html" } }).then(function (answer) {
        return answer.ok ? answer.text() : "";
      }).then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        var fresh = page.getElementById(shown.id);
        if (!fresh) { lookAgain(shown); return; }
        // At the end other buttons fit: the whole page is asked for.
        if (!fresh.dataset.live) { window.location.reload(); return; }
        shown.replaceWith(fresh);
        lookAgain(fresh);
      }).catch(function () { lookAgain(shown); });
    }, 2000);
  }
  if (window.fetch) { document.querySelectorAll("[data-live]").forEach(lookAgain); }
  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    // What goes into a frame is only looked at.
    if (form.method !== "post" || (event.submitter && event.submitter.formTarget)) { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  // A page that answered a form is left as an address: Back would otherwise ask to send the form once more. Only when it
  // is left, since a reload keeps what was typed.
  function settle() { window.history.replaceState(window.history.state, "", window.location.href); }
  document.addEventListener("submit", function (event) { if (!event.defaultPrevented) { settle(); } });
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[href]");
    if (link && link.pathname !== window.location.pathname) { settle(); }
  });
  // The rules of a new password say in words which of them are kept, and how hard it is to guess.
  document.querySelectorAll("[data-rules]").forEach(function (list) {
    var field = document.getElementById(list.dataset.rules);
    var strength = document.querySelector("[data-strength='" + list.dataset.rules + "']");
    var rules = Array.prototype.map.call(list.querySelectorAll("[data-rule]"), function (rule) {
      var said = rule.appendChild(document.createElement("strong"));
      return { pattern: new RegExp(rule.dataset.rule, "su"), said: said };
    });
    function judge() {
      // As accounts judges it: full-width letters are plain ones.
      var typed = field.value.normalize("NFKC");
      var kept = rules.filter(function (rule) {
        var fits = rule.pattern.test(typed);
        rule.said.textContent = typed ? " (" + (fits ? list.dataset.kept : list.dataset.open) + ")" : "";
        return fits;
      }).length;
      // Characters that come again are worth little.
      var different = new Set(typed).size;
      var worth = different + (Array.from(typed).length - different) / 3;
      var word = kept < rules.length || worth < 8 ? "weak" : worth < 12 ? "fair" : "strong";
      strength.textContent = typed ? strength.dataset[word] : "";
    }
    var waiting;
    field.addEventListener("input", function () {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(judge, 300);
    });
  });
  // The menu closes as menus do: by Escape, and by a press elsewhere.
  document.querySelectorAll(".portal-menu").forEach(function (menu) {
    document.addEventListener("click", function (event) { if (!menu.contains(event.target)) { menu.open = false; } });
    menu.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && menu.open) { menu.open = false; menu.querySelector("summary").focus(); }
    });
  });
  var summary = document.getElementById("error-summary");
  if (summary) { summary.focus(); }
  // Passkeys: what the page holds is asked of the browser, and its answer goes into the form (WebAuthn level 3, JSON).
  document.querySelectorAll("[data-passkey]").forEach(function (part) {
    var Credential = window.PublicKeyCredential;
    if (!Credential || !Credential.parseCreationOptionsFromJSON || !window.isSecureContext) {
      document.querySelectorAll("[data-no-passkeys]").forEach(function (words) { words.hidden = false; });
      return;
    }
    part.hidden = false;
    part.querySelector("button").addEventListener("click", function () {
      var question = JSON.parse(part.dataset.question);
      var made = part.dataset.passkey === "create" ?
        navigator.credentials.create({ publicKey: Credential.parseCreationOptionsFromJSON(question) }) :
        navigator.credentials.get({ publicKey: Credential.parseRequestOptionsFromJSON(question) });
      made.then(function (credential) {
        part.querySelector("input").value = JSON.stringify(credential.toJSON());
        part.closest("form").requestSubmit();
      }).catch(function () { part.querySelector("[role=alert]").textContent = part.dataset.failed; });
    });
  });
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
  document.querySelectorAll("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", function () {
      navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent).then(function () {
        button.parentNode.querySelector("[role=status]").textContent = button.dataset.copied;
      });
    });
  });
  // The preview follows what is typed: the mail into its frame, the other channels into the page.
  document.querySelectorAll("form[data-preview]").forEach(function (form) {
    var others = document.getElementById("other-previews");
    var button = form.appendChild(document.createElement("button"));
    var waiting, latest = 0;
    button.hidden = true;
    button.formAction = form.dataset.mail;
    button.formTarget = "mail-preview";
    function show() {
      var number = ++latest;
      if (document.querySelector("iframe[name=mail-preview]") && form.requestSubmit) { form.requestSubmit(button); }
      fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)) }).then(function (answer) {
        return answer.ok ? answer.text() : null;
      }).then(function (html) {
        // What was asked for earlier may arrive later.
        if (html !== null && number === latest) { others.innerHTML = html; }
      }).catch(function () { return null; });
    }
    form.addEventListener("input", function (event) {
      if (event.target.name === "reason") { return; }
      clearTimeout(waiting);
      waiting = setTimeout(show, 700);
    });
  });
})();
