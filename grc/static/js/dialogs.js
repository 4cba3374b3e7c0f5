// Menus and dialogs.
//   <details class="tm-menu">                    closes on Escape and on a click elsewhere
//   <a href="/page/" data-dialog>                shows that page's [data-dialog-part] in a dialog
//   <button data-dialog="id">                    opens the <dialog> with that id
//   <form data-confirm="Question?" data-confirm-button="Delete">   asks before it sends
(() => {
  const menus = () => document.querySelectorAll("details.tm-menu[open]");

  const shell = () => {
    const dialog = document.createElement("dialog");
    dialog.className = "tm-dialog";
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    return dialog;
  };

  const closeButton = () => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tm-iconbtn tm-dialog-close";
    button.dataset.dialogClose = "";
    button.setAttribute("aria-label", "Close");
    button.textContent = "×";
    return button;
  };

  async function openPage(link) {
    const answer = await fetch(link.href, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector("[data-dialog-part]");
    if (!answer.ok || !part) { location.assign(link.href); return; }
    const dialog = shell();
    part.classList.add("tm-dialog-body");
    dialog.append(document.importNode(part, true), closeButton());
    dialog.querySelectorAll("form:not([action])").forEach((form) => { form.action = link.href; });
    const title = dialog.querySelector("h2");
    if (title) { title.id ||= "dialog-title"; dialog.setAttribute("aria-labelledby", title.id); }
    dialog.showModal();
    window.htmx?.process(dialog);
    dialog.dispatchEvent(new CustomEvent("kit:loaded", { bubbles: true }));
  }

  function ask(form, submitter) {
    const source = submitter?.dataset.confirm ? submitter : form;
    const dialog = shell();
    const body = document.createElement("div");
    const title = document.createElement("h2");
    const text = document.createElement("p");
    const buttons = document.createElement("div");
    const go = document.createElement("button");
    const stay = document.createElement("button");
    body.className = "tm-dialog-body";
    buttons.className = "tm-buttons";
    title.id = "confirm-title";
    title.textContent = source.dataset.confirm;
    text.className = "tm-quiet";
    text.textContent = source.dataset.confirmText || "";
    go.className = "btn " + (source.dataset.confirmTone === "danger" ? "btn-danger" : "btn-primary");
    go.textContent = source.dataset.confirmButton || submitter?.textContent.trim() || "Continue";
    stay.className = "btn";
    stay.textContent = "Cancel";
    stay.dataset.dialogClose = "";
    go.addEventListener("click", () => {
      form.dataset.confirmed = "";
      dialog.close();
      form.requestSubmit(submitter);
      delete form.dataset.confirmed;
    });
    buttons.append(go, stay);
    body.append(title, text, buttons);
    dialog.append(body);
    dialog.setAttribute("aria-labelledby", title.id);
    dialog.showModal();
  }

  document.addEventListener("click", (event) => {
    menus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (event.target.closest("[data-dialog-close]")) {
      event.preventDefault();
      event.target.closest("dialog")?.close();
      return;
    }
    if (event.target.matches("dialog.tm-dialog")) event.target.close();
    const opener = event.target.closest("[data-dialog]");
    if (!opener || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (opener.dataset.dialog) document.getElementById(opener.dataset.dialog)?.showModal();
    else openPage(opener);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asks = form.dataset.confirm || event.submitter?.dataset.confirm;
    if (asks && !("confirmed" in form.dataset)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      ask(form, event.submitter);
    }
  }, true);

  // One click sends once: the buttons rest until the answer arrives.
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    setTimeout(() => {
      event.target.querySelectorAll("button:not([type=button])").forEach((button) => { button.disabled = true; });
    });
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll("button:disabled").forEach((button) => { button.disabled = false; });
  });
})();
