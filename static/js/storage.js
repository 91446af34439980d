/** What this browser remembers. It never throws: in private windows localStorage may be forbidden or full. */

export function remember(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The choice then lasts as long as the page.
  }
}

export function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Where choices stood before each person had their own: they may be anybody's, so nobody is held to them. */
const ANYBODYS = ["send-without-asking", "snoozed-until", "notify"];

/** What one person chose in this browser. Whoever else signs in here neither inherits nor sees it. */
export class OwnMemory {
  #person;

  /** `person` is the page's mark of who is signed in. */
  constructor(person) {
    this.#person = person;
    for (const key of ANYBODYS) remember(key, null);
  }

  remember(key, value) {
    remember(this.#own(key), value);
  }

  recall(key) {
    return recall(this.#own(key));
  }

  #own(key) {
    return `${key}:${this.#person}`;
  }
}
