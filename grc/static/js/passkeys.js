// Passkeys: the browser makes one or proves that it holds one, and the form carries its answer.
//   <form data-passkey="create" data-options="…">   makes a passkey
//   <form data-passkey="get" data-options="…">      proves one of the person's
//   <form data-passkey="ask" action="…">            fetches the question first: signing in by passkey alone
(() => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

  const question = (asked) => ({
    ...asked,
    challenge: bytes(asked.challenge),
    ...(asked.user && { user: { ...asked.user, id: bytes(asked.user.id) } }),
    ...(asked.excludeCredentials && { excludeCredentials: known(asked.excludeCredentials) }),
    ...(asked.allowCredentials && { allowCredentials: known(asked.allowCredentials) }),
  });

  function answer(made) {
    const said = made.response;
    const response = { clientDataJSON: text(said.clientDataJSON) };
    for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"])
      if (said[name]) response[name] = text(said[name]);
    if (said.getTransports) response.transports = said.getTransports();
    return {
      id: made.id, rawId: text(made.rawId), type: made.type, response,
      authenticatorAttachment: made.authenticatorAttachment,
      clientExtensionResults: made.getClientExtensionResults(),
    };
  }

  async function options(form) {
    if (form.dataset.passkey !== "ask") return JSON.parse(form.dataset.options);
    const reply = await fetch(form.action, { headers: { Accept: "application/json" }, credentials: "same-origin" });
    if (!reply.ok) throw new Error("The server did not answer. Try again in a minute.");
    return (await reply.json()).request_options;
  }

  function why(error) {
    if (!window.PublicKeyCredential || error.name === "SecurityError")
      return /^[\d.]+$|^\[/.test(location.hostname)
        ? `Passkeys need a name, not a number: open ${location.protocol}//localhost${location.port ? `:${location.port}` : ""}/ instead.`
        : "This browser offers no passkeys here.";
    if (error.name === "NotAllowedError") return "Nothing happened: it was cancelled, or took too long. Try again.";
    if (error.name === "InvalidStateError") return "This device holds a passkey of yours already.";
    return error.message;
  }

  async function send(form) {
    const trouble = form.querySelector("[data-passkey-trouble]");
    const button = form.querySelector("button");
    trouble.hidden = true;
    button.disabled = true;
    try {
      const { publicKey } = await options(form);
      const asked = { publicKey: question(publicKey) };
      const made = await (form.dataset.passkey === "create"
        ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
      form.querySelector("[name=credential]").value = JSON.stringify(answer(made));
      form.submit();
    } catch (error) {
      button.disabled = false;
      trouble.querySelector("p").textContent = why(error);
      trouble.hidden = false;
    }
  }

  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    form.addEventListener("submit", (event) => { event.preventDefault(); send(form); });
  });
})();
