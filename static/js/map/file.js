// The self-contained map of `choso map`: points come with the page as data, nothing is fetched.
import { addNet, addZones, prepare } from "./ground.js";
import { SpotLayer } from "./layer.js";
import { markSvg, markWords } from "./marks.js";
import { element, fold, grouped } from "./words.js";

const RESULTS_MAX = 60;

const data = JSON.parse(document.getElementById("choso-data").textContent);
const marks = data.stages;
const spots = data.rows.map((row, id) => {
  const spot = { id };
  data.columns.forEach((name, index) => (spot[name] = row[index]));
  spot.zone = data.zones[spot.zone] ?? "";
  return spot;
});
const map = window.choso_map;
const hidden = new Set();
const search = document.getElementById("search");
const zone = document.getElementById("zone");
const results = document.getElementById("results");
const count = document.getElementById("count");

function place(spot) {
  return [spot.zone, spot.row && `dãy ${spot.row}`, spot.stall && `quầy ${spot.stall}`].filter(Boolean).join(" · ");
}

function popup(spot) {
  const box = element("div", "map-card");
  box.append(element("strong", "map-card-name", spot.name));
  if (spot.holder && spot.holder !== spot.name) box.append(element("span", "map-card-line", spot.holder));
  box.append(element("span", "map-pill", spot.code), markWords(marks[spot.stage]));
  if (place(spot)) box.append(element("span", "map-card-line", place(spot)));
  return box;
}

function entry(spot) {
  const item = element("li");
  const button = element("button", "map-result");
  button.type = "button";
  const words = element("span", "map-result-words");
  words.append(element("strong", "", spot.name), element("span", "", [spot.code, place(spot)].filter(Boolean).join(" · ")));
  button.append(markSvg(marks[spot.stage], 24), words);
  button.addEventListener("click", () => layer.visit(spot));
  item.append(button);
  return item;
}

function list(some, total) {
  const box = element("div", "map-card");
  box.append(element("strong", "map-card-name", `${grouped(total)} điểm ở cùng một chỗ`));
  const items = element("ul", "map-results");
  items.append(...some.map(entry));
  box.append(items);
  return box;
}

const layer = new SpotLayer(map, spots, marks, { popup, list });
for (const spot of layer.all) spot.words = fold(`${spot.code} ${spot.name} ${spot.holder} ${spot.zone}`);

function wanted() {
  const words = fold(search.value).split(" ").filter(Boolean);
  return (spot) =>
    !hidden.has(spot.stage) &&
    (zone.value === "" || spot.zone === data.zones[Number(zone.value)]) &&
    words.every((word) => spot.words.includes(word));
}

function refresh(fit) {
  const shown = layer.filter(wanted());
  count.textContent = shown === spots.length ? `${grouped(shown)} điểm` : `${grouped(shown)} / ${grouped(spots.length)} điểm`;
  const listed = search.value.trim() || zone.value !== "" || spots.length <= RESULTS_MAX;
  results.replaceChildren(...(listed ? layer.shown.slice(0, RESULTS_MAX).map(entry) : []));
  if (listed && shown > RESULTS_MAX) results.append(element("li", "map-more", `và ${grouped(shown - RESULTS_MAX)} điểm nữa: hãy gõ thêm`));
  if (!shown) results.append(element("li", "map-more", "Không có điểm nào hợp với bộ lọc."));
  if (fit) layer.fit();
}

function addStages() {
  const box = document.getElementById("stages");
  const counts = new Array(marks.length).fill(0);
  for (const spot of spots) counts[spot.stage] += 1;
  marks.forEach((mark, index) => {
    const chip = element("button", "map-chip");
    chip.type = "button";
    chip.setAttribute("aria-pressed", "true");
    chip.append(markSvg(mark, 22), element("span", "", mark.label), element("b", "", grouped(counts[index])));
    chip.addEventListener("click", () => {
      if (!hidden.delete(index)) hidden.add(index);
      chip.setAttribute("aria-pressed", String(!hidden.has(index)));
      refresh(false);
    });
    box.append(chip);
  });
}

function addZoneChoices() {
  data.zones.forEach((name, index) => {
    const option = element("option", "", name);
    option.value = index;
    zone.append(option);
  });
  zone.parentElement.hidden = data.zones.length < 2;
}

let typing = 0;
search.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => refresh(true), 150);
});
zone.addEventListener("change", () => refresh(true));
document.getElementById("all").addEventListener("click", () => layer.fit());

addStages();
addZoneChoices();
refresh(false);
prepare(map);
map.invalidateSize({ animate: false });
layer.fit();
addNet(map);
addZones(map, spots);
document.documentElement.dataset.ready = "yes";
