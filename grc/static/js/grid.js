// The testing grid: arrows move, p, d and n say what a cell came to, Delete clears it, Shift with one
// of them fills what is pending in the row, Enter opens mark and note, a block of a spreadsheet is
// pasted from the cell on. What changed is sent together, a moment after the last key.
(() => {
  const table = document.querySelector("[data-grid]");
  if (!table) return;
  const form = document.querySelector("[data-grid-form]");
  const said = document.querySelector("[data-grid-said]");
  const markField = form.querySelector("[data-grid-mark]");
  const noteField = form.querySelector("[data-grid-text]");
  const attributes = [...table.querySelectorAll("thead [data-attribute]")];
  const rows = [...table.querySelectorAll("tbody tr")];
  const cells = rows.map((row) => [...row.querySelectorAll("[role=gridcell]")]);
  const places = new Map(cells.flatMap((row, y) => row.map((cell, x) => [cell, [y, x]])));
  const LETTER = { pass: "P", deviation: "D", na: "N" };
  const KEYS = { p: "pass", d: "deviation", n: "na" };
  const SPELLED = { p: "pass", pass: "pass", passed: "pass", y: "pass", yes: "pass", ok: "pass", "✓": "pass",
    d: "deviation", dev: "deviation", deviation: "deviation", fail: "deviation", failed: "deviation",
    f: "deviation", no: "deviation", "✗": "deviation", n: "na", na: "na", "n/a": "na", "not applicable": "na" };
  const changed = new Set();
  let active = cells[0][0];
  let timer = 0;
  let sending = false;
  let stopped = false;

  function show(cell) {
    const { result = "", mark = "", note = "" } = cell.dataset;
    cell.textContent = LETTER[result] || "";
    if (mark) cell.append(Object.assign(document.createElement("sup"), { textContent: mark }));
    cell.title = note;
  }

  function go(y, x, focus = true) {
    const row = cells[Math.max(0, Math.min(y, cells.length - 1))];
    active.tabIndex = -1;
    active = row[Math.max(0, Math.min(x, row.length - 1))];
    active.tabIndex = 0;
    if (focus) active.focus();
  }

  function onward() {
    const [y, x] = places.get(active);
    if (x + 1 < attributes.length) go(y, x + 1);
    else if (y + 1 < rows.length) go(y + 1, 0);
  }

  function touch(cell) {
    changed.add(cell);
    cell.classList.add("is-unsaved");
    show(cell);
    say("");
    later();
  }

  function set(cell, result) {
    if (result) cell.dataset.result = result;
    else ["result", "mark", "note"].forEach((name) => delete cell.dataset[name]);
    touch(cell);
  }

  function say(words, failed = false) {
    said.textContent = words || (changed.size ? `${changed.size} not kept yet` : "");
    said.classList.toggle("is-failed", failed);
  }

  function later() {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(send, 900);
  }

  function told(cell) {
    const [y, x] = places.get(cell);
    const { result = "", mark = "", note = "" } = cell.dataset;
    return [rows[y].dataset.item, attributes[x].dataset.attribute, result, mark, note];
  }

  async function send() {
    if (sending || stopped || !changed.size) return;
    sending = true;
    const batch = [...changed];
    changed.clear();
    const body = new FormData(form);
    body.set("found", JSON.stringify(batch.map(told)));
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!answer.ok) throw await problem(answer);
      const { version, counts } = await answer.json();
      form.elements.version.value = version;
      batch.filter((cell) => !changed.has(cell)).forEach((cell) => cell.classList.remove("is-unsaved"));
      for (const [name, count] of Object.entries(counts)) {
        document.querySelector(`[data-count="${name}"]`).textContent = count;
      }
      say(changed.size ? "" : "Kept.");
    } catch (wrong) {
      batch.forEach((cell) => changed.add(cell));
      stopped = wrong.final === true;
      say(wrong.final ? wrong.words : "Not kept: no connection. It is tried again.", true);
      if (!stopped) timer = setTimeout(send, 5000);
    } finally {
      sending = false;
    }
    if (changed.size && !stopped && !said.classList.contains("is-failed")) later();
  }

  async function problem(answer) {
    if (answer.status === 412) {
      return { final: true, words: "Somebody changed this test since you opened it. Load the page again; what is framed is not kept." };
    }
    const { problem: words } = await answer.json().catch(() => ({}));
    return { final: true, words: words || "This could not be kept. Load the page again; what is framed is not kept." };
  }

  function openNote() {
    const [y, x] = places.get(active);
    form.hidden = false;
    form.querySelector("[data-grid-cell]").textContent =
      `Item ${rows[y].querySelector("b").textContent}, ${attributes[x].querySelector("b").textContent}`;
    markField.value = active.dataset.mark || "";
    noteField.value = active.dataset.note || "";
    noteField.focus();
  }

  function keepNote() {
    const { mark = "", note = "" } = active.dataset;
    if (markField.value === mark && noteField.value === note) return;
    if (!active.dataset.result) { say("Say first what it came to: P, D or N.", true); return; }
    for (const [name, value] of [["mark", markField.value], ["note", noteField.value]]) {
      if (value) active.dataset[name] = value;
      else delete active.dataset[name];
    }
    touch(active);
  }

  function closeNote() {
    keepNote();
    form.hidden = true;
    active.focus();
  }

  table.addEventListener("keydown", (event) => {
    if (!places.has(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const [y, x] = places.get(event.target);
    const result = KEYS[event.key.toLowerCase()];
    const moves = { ArrowUp: [y - 1, x], ArrowDown: [y + 1, x], ArrowLeft: [y, x - 1], ArrowRight: [y, x + 1],
      Home: [y, 0], End: [y, attributes.length - 1], PageUp: [y - 15, x], PageDown: [y + 15, x] };
    if (result && event.shiftKey) {
      cells[y].filter((cell) => !cell.dataset.result).forEach((cell) => set(cell, result));
      go(y + 1, 0);
    } else if (result) { set(event.target, result); onward(); }
    else if (event.key === "Delete" || event.key === "Backspace") set(event.target, "");
    else if (event.key === "Enter" || event.key === "F2") openNote();
    else if (event.key in moves) go(...moves[event.key]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  table.addEventListener("focusin", (event) => {
    if (places.has(event.target) && event.target !== active) go(...places.get(event.target), false);
  });
  table.addEventListener("mousedown", (event) => {
    const cell = event.target.closest("[role=gridcell]");
    if (cell) { event.preventDefault(); go(...places.get(cell)); }
  });
  table.addEventListener("dblclick", (event) => { if (event.target.closest("[role=gridcell]")) openNote(); });

  table.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "");
    const [top, left] = places.get(active);
    const block = text.split(/\r?\n/).map((line) => line.split("\t").map((one) => one.trim().toLowerCase()));
    event.preventDefault();
    for (const [y, line] of block.entries()) {
      for (const [x, word] of line.entries()) {
        if (word && !(word in SPELLED)) { say(`Line ${y + 1}, column ${x + 1}: “${word}” is no result. Nothing was pasted.`, true); return; }
        if (word && !cells[top + y]?.[left + x]) { say("This block is larger than the grid from here on. Nothing was pasted.", true); return; }
      }
    }
    block.forEach((line, y) => line.forEach((word, x) => { if (word) set(cells[top + y][left + x], SPELLED[word]); }));
    active.focus();
  });

  form.addEventListener("submit", (event) => { event.preventDefault(); closeNote(); });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || (event.key === "Enter" && event.target.matches("input"))) { event.preventDefault(); closeNote(); }
  });
  form.addEventListener("focusout", keepNote);
  form.querySelector("[data-grid-close]").addEventListener("click", closeNote);
  addEventListener("beforeunload", (event) => { if (changed.size || sending) event.preventDefault(); });
  active.tabIndex = 0;
})();
