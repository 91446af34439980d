/** WebAuthn: the site's JSON in, the browser's answer out as JSON, and the secret of a passkey beside it. */

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const named = (list = []) => list.map((known) => ({ ...known, id: toBytes(known.id) }));

export const isSupported = () => Boolean(window.PublicKeyCredential);

/** The new passkey, able to keep a secret where the device knows how. */
export async function createPasskey(options) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    user: { ...options.user, id: toBytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
    extensions: { ...options.extensions, prf: {} },
  };
  return plain(await navigator.credentials.create({ publicKey }), ["clientDataJSON", "attestationObject"]);
}

/** `salt` is what the secret is asked with. Resolves to the answer and the secret, null where there is none. */
export async function usePasskey(options, salt) {
  const publicKey = {
    ...options,
    challenge: toBytes(options.challenge),
    allowCredentials: named(options.allowCredentials),
    ...(salt && { extensions: { prf: { eval: { first: toBytes(salt) } } } }),
  };
  const found = await navigator.credentials.get({ publicKey });
  const secret = found.getClientExtensionResults().prf?.results?.first;
  return {
    credential: plain(found, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]),
    secret: secret ? toText(secret) : null,
  };
}

/** The secret alone, of one of these passkeys: nobody checks the signature, so any challenge does. */
export function readSecret({ salt, credentials }) {
  const challenge = toText(crypto.getRandomValues(new Uint8Array(32)));
  const allowCredentials = credentials.map((id) => ({ type: "public-key", id }));
  return usePasskey({ challenge, allowCredentials, userVerification: "required" }, salt);
}

/** Of what extensions say only whether the passkey signs in alone: the site keeps this, and must get no secret. */
function plain(found, names) {
  const { credProps } = found.getClientExtensionResults();
  const response = Object.fromEntries(
    names.map((name) => [name, found.response[name] ? toText(found.response[name]) : null]),
  );
  return {
    id: found.id,
    rawId: found.id,
    type: found.type,
    response,
    clientExtensionResults: credProps ? { credProps } : {},
  };
}
