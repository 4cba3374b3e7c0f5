// Drop zone: each file goes up on its own with its progress; without scripts the same form sends all
// chosen files at once. An answer of 2xx (redirects followed) is success; otherwise its "detail" is shown.
// With data-follow the browser goes to the page that answered.
(() => {
  const UNITS = ["bytes", "kB", "MB", "GB"];

  function words(size) {
    let unit = 0;
    while (size >= 1000 && unit < UNITS.length - 1) { size /= 1000; unit += 1; }
    return `${unit ? size.toFixed(1) : size} ${UNITS[unit]}`;
  }

  function line(list, file) {
    const item = document.getElementById("upload-shape").content.firstElementChild.cloneNode(true);
    item.querySelector("[data-name]").textContent = file.name;
    item.querySelector("[data-size]").textContent = words(file.size);
    list.append(item);
    return item;
  }

  function fail(item, sentence) {
    const error = item.querySelector("[data-error]");
    error.textContent = sentence;
    error.parentElement.hidden = false;
    item.querySelector("progress").hidden = true;
    item.querySelector("[data-state]").textContent = "Not uploaded";
  }

  const reason = (xhr) => {
    try { return JSON.parse(xhr.responseText).detail || "The server refused this file."; } catch { /* a page */ }
    if (xhr.status === 413) return "This file is larger than the server takes.";
    return xhr.status ? `The server refused this file (${xhr.status}).` : "The connection broke. Try this file again.";
  };

  function send(form, input, file, item) {
    return new Promise((done) => {
      const xhr = new XMLHttpRequest();
      const body = new FormData(form);
      body.delete(input.name);
      body.append(input.name, file, file.name);
      const bar = item.querySelector("progress");
      const state = item.querySelector("[data-state]");
      xhr.upload.addEventListener("progress", (event) => {
        if (!event.lengthComputable) return;
        const percent = Math.floor((100 * event.loaded) / event.total);
        bar.value = percent;
        state.textContent = percent < 100 ? `${percent}%` : "Checking…";
      });
      xhr.addEventListener("loadend", () => {
        const stored = xhr.status >= 200 && xhr.status < 300;
        if (stored) { bar.value = 100; bar.classList.add("tm-good"); state.textContent = "Uploaded"; }
        else fail(item, reason(xhr));
        done(stored ? xhr.responseURL : "");
      });
      xhr.open("POST", form.action);
      xhr.setRequestHeader("Accept", "application/json, text/html;q=0.5");
      xhr.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      xhr.send(body);
    });
  }

  async function upload(form, files) {
    const input = form.querySelector("input[type=file]");
    const list = form.querySelector("[data-uploads]");
    const pairs = [...files].map((file) => [file, line(list, file)]);
    let refused = 0;
    let page = "";
    form.setAttribute("aria-busy", "true");
    for (const [file, item] of pairs) {
      page = await send(form, input, file, item);
      if (!page) refused += 1;
    }
    form.removeAttribute("aria-busy");
    input.value = "";
    if (!refused && "follow" in form.dataset) location.assign(page);
    else if (!refused) location.reload();
    else form.querySelector("[data-again]").hidden = refused === pairs.length;
  }

  const zone = (event) => event.target.closest?.("form[data-dropzone]");

  document.addEventListener("change", (event) => {
    if (zone(event) && event.target.type === "file" && event.target.files.length) upload(zone(event), event.target.files);
  });
  document.addEventListener("dragover", (event) => {
    if (!zone(event)) return;
    event.preventDefault();
    zone(event).classList.add("is-over");
  });
  document.addEventListener("dragleave", (event) => {
    const form = zone(event);
    if (form && !form.contains(event.relatedTarget)) form.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    const form = zone(event);
    if (!form) return;
    event.preventDefault();
    form.classList.remove("is-over");
    if (event.dataTransfer.files.length) upload(form, event.dataTransfer.files);
  });
})();
