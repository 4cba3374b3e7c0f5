// Toasts: messages printed by the server fade by themselves (errors stay); htmx answers may add one
// with the header  HX-Trigger: {"toast": {"level": "success", "text": "Saved."}}.
(() => {
  const STAY_MS = 6000;

  const settle = (toast) => {
    if (toast.classList.contains("tm-toast-error")) return;
    let timer = setTimeout(() => toast.remove(), STAY_MS);
    toast.addEventListener("pointerenter", () => clearTimeout(timer));
    toast.addEventListener("pointerleave", () => { timer = setTimeout(() => toast.remove(), STAY_MS / 2); });
  };

  function show(level, text) {
    const toast = document.getElementById("toast-shape").content.firstElementChild.cloneNode(true);
    toast.classList.add(`tm-toast-${level}`);
    toast.querySelector("p").textContent = text;
    document.getElementById("toasts").append(toast);
    settle(toast);
  }

  const explain = (xhr) => {
    try { return JSON.parse(xhr.responseText).detail; } catch { /* not a problem document */ }
    if (xhr.status === 403) return "You may not do this. Ask the engagement's manager for access.";
    if (xhr.status === 404) return "This is no longer here. Reload the page.";
    if (xhr.status === 409 || xhr.status === 412) return "Somebody changed this first. Reload the page to see where it stands.";
    return "The server could not answer. Nothing was changed; try again.";
  };

  document.querySelectorAll(".tm-toast").forEach(settle);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-toast-close]")) event.target.closest(".tm-toast").remove();
  });
  document.addEventListener("toast", (event) => show(event.detail.level || "info", event.detail.text || event.detail.value));
  document.addEventListener("htmx:responseError", (event) => show("error", explain(event.detail.xhr)));
  document.addEventListener("htmx:sendError", () => show("error", "No connection to the server. Nothing was changed."));
})();
