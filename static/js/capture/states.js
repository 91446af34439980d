/** Words for what became of a capture. They speak of how a face looked, never of how a person is. */

const LOOKS = {
  anger: "angry",
  disgust: "disgusted",
  fear: "afraid",
  happiness: "happy",
  neutral: "neutral",
  sadness: "sad",
  surprise: "surprised",
};

const NO_READING = {
  no_face: "I couldn't find a face.",
  several_faces: "There was more than one face, so I did not look further.",
  too_small: "Your face was too far away to tell.",
  too_dark: "It was too dark to tell.",
  too_bright: "It was too bright to tell.",
  blurred: "The picture was blurred.",
  turned_away: "Your face was turned away.",
  low_confidence: "I couldn't tell. That happens often, and is better than guessing.",
};

const ENDED = {
  rejected: "The picture could not be read. It is gone.",
  expired: "It waited too long and was destroyed unread.",
  failed: "It did not work, after several tries. The picture is gone.",
  withdrawn: "Destroyed unread, because you withdrew your consent.",
};

const SURE = 0.6;

/** {label, tone, text, link} of one capture of the API. */
export function describe(capture) {
  if (capture.state === "queued")
    return { label: "on its way", tone: "calm", text: "Being read. This takes a moment." };
  if (capture.state === "recorded") return describeRecorded(capture);
  return { label: "no reading", tone: "warn", text: ENDED[capture.state] ?? "It did not work. The picture is gone." };
}

function describeRecorded({ reading, trigger, ask_first: askFirst, vault_open: vaultOpen }) {
  if (reading) return describeReading(reading);
  if (trigger === "neutral") return { label: "kept", tone: "good", text: "A still of your resting face." };
  if (askFirst)
    return { label: "waiting for you", tone: "calm", text: "Read. It is shown once you have said how you feel." };
  if (vaultOpen) return { label: "kept", tone: "good", text: "No longer in your journal." };
  return { label: "kept", tone: "good", text: "Kept in your vault.", link: "Open it to see" };
}

function describeReading(reading) {
  if (reading.outcome !== "reading") {
    return { label: "no reading", tone: "", text: NO_READING[reading.outcome] ?? "There was no reading." };
  }
  if (reading.corrected)
    return { label: "kept", tone: "good", text: `You said: it looked ${LOOKS[reading.corrected]}.` };
  const share = reading.probabilities?.[reading.expression] ?? 1;
  const verb = share >= SURE ? "looked" : "may have looked";
  return { label: "kept", tone: "good", text: `Your face ${verb} ${LOOKS[reading.expression] ?? reading.expression}.` };
}

/** What to say when the server refused a picture or could not be reached. */
export function describeRefusal(result) {
  if (result.kind === "lost") {
    return "The network was away for a minute, so the picture was dropped. Nothing was sent.";
  }
  if (result.kind === "too_often") {
    return `That was a little too often. The next one works ${waitWords(result.retryAfter)}. This picture was dropped.`;
  }
  if (result.kind === "signed_out")
    return "You were signed out for a minute, so the picture was dropped. Nothing was sent.";
  if (result.kind === "other_person")
    return "Somebody else is signed in now, so the picture was dropped. Nothing was sent.";
  return `${result.detail || "The server did not accept it."} The picture was dropped.`;
}

export function waitWords(seconds) {
  return seconds < 90 ? `in ${seconds} seconds` : `in ${Math.ceil(seconds / 60)} minutes`;
}

export const isWaiting = (capture) => capture.state === "queued";
