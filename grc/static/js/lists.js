// Lists: j and k move, Enter opens, x selects, / searches, ? lists the keys; shift-click selects a
// range; the bulk bar shows while something is selected; filters send themselves.
(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  const boxes = () => [...document.querySelectorAll("input[name=selected]")];
  const current = () => document.querySelector("[data-row].is-current");
  let last = null;

  function mark(row) {
    current()?.classList.remove("is-current");
    if (!row) return;
    row.classList.add("is-current");
    row.querySelector("a[href]")?.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function count() {
    const all = boxes();
    const chosen = all.filter((box) => box.checked).length;
    document.querySelectorAll("[data-bulk]").forEach((bar) => {
      bar.classList.toggle("is-open", chosen > 0);
      bar.querySelector("[data-bulk-count]").textContent = chosen;
    });
    document.querySelectorAll("[data-select-all]").forEach((box) => {
      box.checked = chosen > 0 && chosen === all.length;
      box.indeterminate = chosen > 0 && chosen < all.length;
    });
  }

  document.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=selected]");
    if (!box) return;
    const all = boxes();
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((between) => { between.checked = box.checked; });
    }
    last = box;
  });

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) {
      boxes().forEach((box) => { box.checked = event.target.checked; });
    }
    if (event.target.matches("[data-select-all], input[name=selected]")) count();
    if (event.target.closest("form[data-autosubmit]") && !event.target.matches("[type=search]")) {
      event.target.form.requestSubmit();
    }
  });

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-select-none]")) return;
    boxes().forEach((box) => { box.checked = false; });
    count();
  });

  // An empty filter is left out of the address.
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-autosubmit]")) return;
    [...event.target.elements].forEach((field) => { if (field.name && field.value === "") field.disabled = true; });
  });
  addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-autosubmit] :disabled").forEach((field) => { field.disabled = false; });
    count();
  });

  const keys = {
    j: () => { const all = rows(); mark(all[Math.min(all.indexOf(current()) + 1, all.length - 1)]); },
    k: () => { const all = rows(); mark(all[Math.max(all.indexOf(current()) - 1, 0)]); },
    x: () => current()?.querySelector("input[name=selected]")?.click(),
    Enter: () => current()?.querySelector("a[href]")?.click(),
    "/": () => (document.querySelector("[data-filter-search]") || document.querySelector("[data-search]"))?.focus(),
    "?": () => document.getElementById("shortcuts")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const busy = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
    if (busy || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    if (event.key === "Enter" && event.target !== document.body) return;
    event.preventDefault();
    keys[event.key]();
  });

  document.addEventListener("htmx:afterSwap", count);
  document.querySelectorAll(".tm-tabs [aria-current], .tm-views [aria-current]").forEach((tab) => {
    tab.closest("ul").scrollLeft = tab.offsetLeft - 48;
  });
  document.querySelectorAll(".tm-phases [aria-current]").forEach((phase) => {
    const strip = phase.closest(".tm-phases");
    strip.scrollLeft += phase.getBoundingClientRect().left - strip.getBoundingClientRect().left - 48;
  });
})();
