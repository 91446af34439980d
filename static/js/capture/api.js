/** Reads and writes what is the person's own: schedule, captures, the camera's ledger, the resting face. */

import { word } from "../words.js";

export class ApiError extends Error {
  constructor(status, { code = "", detail = "", fields = {} } = {}) {
    super(firstWords(fields) || detail || word("unexpected"));
    this.status = status;
    this.code = code;
  }
}

const PROMPT = 5000;

/** {data, skew}: skew is how many ms the server's clock is ahead of this one; 0 when the answer came too late to tell. */
export async function call(path, { method = "GET", body, token, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers["X-CSRFToken"] = token;
  const asked = Date.now();
  const response = await fetch(path, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
    cache: "no-store",
    keepalive,
  });
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, data);
  const told = Date.parse(response.headers.get("Date") ?? "");
  return { data, skew: Date.now() - asked < PROMPT ? roughly(told - Date.now()) : 0 };
}

/** The Date header counts whole seconds, so a small difference is none. */
function roughly(skew) {
  return Number.isNaN(skew) || Math.abs(skew) < 2000 ? 0 : skew;
}

/** What the server says of the first field that does not fit. */
function firstWords(fields) {
  const [words] = Object.values(fields);
  if (typeof words === "string") return words;
  return words && typeof words === "object" ? firstWords(words) : "";
}
