/** Passkeys: ask the browser for one and send its answer. */

import { recall, remember } from "./storage.js";
import { createPasskey, isSupported, readSecret, usePasskey } from "./webauthn.js";

const SALT = "vault-salt";

const readPage = (id) => JSON.parse(document.getElementById(id)?.textContent ?? "null");

async function readOptions(form) {
  const page = readPage("passkey-options");
  if (page) return page;
  const answer = await fetch(form.action, {
    headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" },
  });
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function create(form) {
  const { publicKey } = (await readOptions(form)).creation_options;
  const alone = form.elements.passwordless.checked;
  const authenticatorSelection = {
    ...publicKey.authenticatorSelection,
    residentKey: alone ? "required" : "discouraged",
    requireResidentKey: alone,
    ...(alone && { userVerification: "required" }),
  };
  fill(form, await createPasskey({ ...publicKey, authenticatorSelection }));
}

/** Signing in asks for the secret of the vault that was opened here last, so that one touch does both. */
async function get(form) {
  const salt = form.elements.secret ? recall(SALT) : null;
  const { credential, secret } = await usePasskey((await readOptions(form)).request_options.publicKey, salt);
  fill(form, credential);
  if (secret) Object.assign(form.elements.secret, { value: secret });
  if (secret) Object.assign(form.elements.salt, { value: salt });
}

async function openVault(form) {
  const asked = readPage("vault-passkeys");
  const { credential, secret } = await readSecret(asked);
  form.querySelector("[data-passkey-no-secret]").hidden = Boolean(secret);
  if (!secret) return false;
  remember(SALT, asked.salt);
  form.elements.credential.value = credential.id;
  form.elements.secret.value = secret;
}

const fill = (form, credential) => {
  form.elements.credential.value = JSON.stringify(credential);
};

const WAYS = { create, get, vault: openVault };

function wire(form) {
  const said = form.querySelector("[data-passkey-said]");
  form.hidden = false;
  form.querySelector("[data-passkey-do]").addEventListener("click", async () => {
    said.hidden = true;
    try {
      if ((await WAYS[form.dataset.passkey](form)) !== false) form.submit();
    } catch {
      said.hidden = false;
    }
  });
}

if (isSupported()) document.querySelectorAll("[data-passkey]").forEach(wire);
else for (const told of document.querySelectorAll("[data-passkey-missing]")) told.hidden = false;
