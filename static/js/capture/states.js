/** Words for what became of a capture. They speak of how a face looked, never of how a person is. */

import { word } from "../words.js";

/** {label, tone, text, link} of one capture of the API; `data` is the page's, with the server's words for readings. */
export function describe(capture, data) {
  if (capture.state === "queued") return { label: word("label-queued"), tone: "calm", text: word("queued") };
  if (capture.state === "recorded") return describeRecorded(capture, data);
  return { label: word("label-none"), tone: "warn", text: word(capture.state) };
}

function describeRecorded({ reading, trigger, ask_first: askFirst, vault_open: vaultOpen }, data) {
  if (reading) return describeReading(reading, data);
  if (trigger === "neutral") return { label: word("label-kept"), tone: "good", text: word("resting-still") };
  if (askFirst) return { label: word("label-waiting"), tone: "calm", text: word("ask-first") };
  if (vaultOpen) return { label: word("label-kept"), tone: "good", text: word("deleted") };
  return { label: word("label-kept"), tone: "good", text: word("in-vault"), link: word("open-vault") };
}

function describeReading({ outcome, corrected, expression }, { looks, outcomes }) {
  if (outcome !== "reading")
    return { label: word("label-none"), tone: "", text: word("no-reading", { why: outcomes[outcome] }) };
  const text = corrected ? word("said", { look: looks[corrected] }) : word("looked", { look: looks[expression] });
  return { label: word("label-kept"), tone: "good", text };
}

/** What to say when the server refused a picture or could not be reached. */
export function describeRefusal({ kind, detail, retryAfter }) {
  if (kind === "lost") return word("lost");
  if (kind === "too_often" && retryAfter < 90) return word("too-often-seconds", { seconds: retryAfter });
  if (kind === "too_often") return word("too-often-minutes", { minutes: Math.ceil(retryAfter / 60) });
  if (kind === "signed_out") return word("dropped-signed-out");
  if (kind === "other_person") return word("dropped-other-person");
  return `${detail || word("refused")} ${word("dropped")}`;
}

export const isWaiting = (capture) => capture.state === "queued";
