/** Passkeys: ask the browser for one and send its answer. `webauthnJSON` comes from allauth's own script. */

const { webauthnJSON } = window;

async function readOptions(form) {
  const page = document.getElementById("passkey-options");
  if (page) return JSON.parse(page.textContent);
  const answer = await fetch(form.action, {
    headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
  });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function create(form) {
  const options = (await readOptions(form)).creation_options;
  const alone = form.elements.passwordless.checked;
  Object.assign(options.publicKey.authenticatorSelection, {
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone && { userVerification: "required" }),
  });
  return webauthnJSON.create(options);
}

async function get(form) {
  return webauthnJSON.get((await readOptions(form)).request_options);
}

function wire(form) {
  const said = form.querySelector("[data-passkey-said]");
  form.hidden = false;
  form.querySelector("[data-passkey-do]").addEventListener("click", async () => {
    said.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(
        await (form.dataset.passkey === "create" ? create(form) : get(form)),
      );
      form.submit();
    } catch {
      said.hidden = false;
    }
  });
}

if (webauthnJSON?.supported()) document.querySelectorAll("[data-passkey]").forEach(wire);
else for (const told of document.querySelectorAll("[data-passkey-missing]")) told.hidden = false;
