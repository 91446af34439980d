/** Ties the parts of the snapshot page together. */

import { History } from "./history.js";
import { Planner } from "./planner.js";
import { Taking } from "./taking.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
data.token = document.querySelector('meta[name="csrf-token"]').content;

const history = new History(document.querySelector("[data-history]"), data);
history.refresh();
// The camera's page stays when the vault locks itself; the readings it showed go.
document.addEventListener("vault:lapsed", (event) => {
  event.preventDefault();
  history.refresh();
});

const camera = document.querySelector("[data-taking]");
if (camera) {
  const taking = new Taking(camera, data, { onAccepted: () => history.refresh() });
  const planner = new Planner(
    document.querySelector("[data-planner]"),
    document.querySelector("[data-notice]"),
    data,
    taking,
  );
  planner.start();
}
