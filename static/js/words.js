/** What scripts say, in the language of the page: its elements marked `data-word`, inside of <template data-words>. */

const words = new Map();
for (const template of document.querySelectorAll("template[data-words]")) {
  for (const element of template.content.querySelectorAll("[data-word]")) words.set(element.dataset.word, element);
}

/** The text of that name, each {key} replaced by its value. */
export function word(name, values = {}) {
  return words.get(name).textContent.replace(/\{(\w+)\}/g, (_, key) => values[key]);
}

export const hasWord = (name) => words.has(name);

/** The same with its links, as nodes to be put into the page. */
export function wordNodes(name) {
  return [...words.get(name).cloneNode(true).childNodes];
}
