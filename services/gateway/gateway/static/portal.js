// Small comforts; every page works without them.
(function () {
  "use strict";
  document.documentElement.classList.add("js-enabled");
  // The session's countdown, as the server wrote it, kept current.
  document.querySelectorAll("[data-countdown]").forEach(function (shown) {
    var soon = document.getElementById("session-soon");
    function tick() {
      var end = Date.parse(shown.dataset.countdown);
      var minutes = Math.max(0, Math.floor((end - Date.now()) / 60000));
      var words = minutes < 60 ? shown.dataset.minutes : shown.dataset.hours;
      shown.textContent = words.replace("%h", String(Math.floor(minutes / 60))).replace("%m", String(minutes % 60));
      shown.classList.toggle("portal-soon", minutes < 5);
      if (minutes < 5 !== Boolean(soon.firstElementChild)) { say(minutes < 5 ? soon.dataset.words : ""); }
    }
    function say(words) {
      soon.textContent = "";
      if (words) {
        var said = soon.appendChild(document.createElement("p"));
        said.className = "portal-mark";
        said.textContent = words;
      }
    }
    // Extending must not throw away what is being typed, so the page stays.
    var form = shown.closest("form[data-extend]");
    if (form && window.fetch) {
      form.addEventListener("submit", function (event) {
        event.preventDefault();
        event.stopPropagation();
        fetch(form.action, {
          method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" }
        }).then(function (answer) {
          if (!answer.ok) { throw new Error("not extended"); }
          return answer.json();
        }).then(function (session) {
          shown.dataset.countdown = session.expires_at;
          tick();
        }).catch(function () { say(soon.dataset.failed); });
      });
    }
    tick();
    window.setInterval(tick, 20000);
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
  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post") { return; }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    window.setTimeout(function () { delete form.dataset.sent; }, 8000);
  });
  var summary = document.getElementById("error-summary");
  if (summary) { summary.focus(); }
  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });
})();
