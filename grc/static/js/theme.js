// Color theme. Loaded blocking in the head, so the page never flashes in the wrong one.
// Without a remembered choice the page follows the system.
(() => {
  const KEY = "tickmark-theme";
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try { return localStorage.getItem(KEY); } catch { return null; }
  };
  const apply = () => {
    root.dataset.bsTheme = chosen() || (system.matches ? "dark" : "light");
  };

  root.classList.add("js");
  apply();
  system.addEventListener("change", apply);
  addEventListener("storage", apply);

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = root.dataset.bsTheme === "dark" ? "light" : "dark";
    try {
      if (next === (system.matches ? "dark" : "light")) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
    } catch { /* storage refused: the choice lasts for this page */ }
    root.dataset.bsTheme = next;
  });
})();
