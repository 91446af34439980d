/** Ties the parts of the snapshot page together. */

import { hear } from "../tabs.js";
import { word } from "../words.js";
import { History } from "./history.js";
import { Ledger } from "./ledger.js";
import { Planner } from "./planner.js";
import { RestingFace } from "./resting-face.js";
import { Taking } from "./taking.js";

const data = JSON.parse(document.getElementById("page-data").textContent);
data.token = document.querySelector('meta[name="csrf-token"]').content;

const history = new History(document.querySelector("[data-history]"), data);
history.refresh();
// The camera's page stays when the vault locks itself; the readings it showed go.
document.addEventListener("vault:lapsed", (event) => {
  event.preventDefault();
  history.clear();
});

const camera = document.querySelector("[data-taking]");
if (camera) {
  const ledger = new Ledger(data);
  const taking = new Taking(camera, data, ledger, { onAccepted: () => history.refresh() });
  const planner = new Planner(
    document.querySelector("[data-planner]"),
    document.querySelector("[data-notice]"),
    data,
    taking,
    ledger,
  );
  planner.start();
  taking.onRefused = () => planner.load();
  hear("consent-ended", () => {
    taking.stop(word("consent-withdrawn"));
    planner.load();
  });
  new RestingFace(document.querySelector("[data-resting-face]"), data, taking);
}
