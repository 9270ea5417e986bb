// Small comforts; every page works without them.
(function () {
  "use strict";
  document.documentElement.classList.add("js-enabled");
  // The session's countdown, as the server wrote it, kept current.
  document.querySelectorAll("[data-countdown]").forEach(function (shown) {
    var end = Date.parse(shown.dataset.countdown);
    function tick() {
      var minutes = Math.max(0, Math.floor((end - Date.now()) / 60000));
      var words = minutes < 60 ? shown.dataset.minutes : shown.dataset.hours;
      shown.textContent = words.replace("%h", String(Math.floor(minutes / 60))).replace("%m", String(minutes % 60));
      shown.classList.toggle("portal-soon", minutes < 5);
    }
    tick();
    window.setInterval(tick, 20000);
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
