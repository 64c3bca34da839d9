// The map of the office and of the residents: points come for the part of the world in view, many of them as clusters.
import { addNet, addOutlines, prepare } from "./ground.js";
import { groupsOf, itemOf, MarkerLayer, worldPoint } from "./layer.js";
import { markSvg, markWords } from "./marks.js";
import { element, grouped } from "./words.js";

const PAUSE = 120;
const PAD = 0.2;

const config = JSON.parse(document.getElementById("map-config").textContent);
const map = window.choso_map;
const form = document.getElementById("map-filter");
const status = document.getElementById("map-status");
const marks = config.marks;
const index = new Map(marks.map((mark, at) => [mark.stage, at]));
const hidden = new Set();

const layer = new MarkerLayer(map, marks, { popup, list });

function link(spot) {
  if (!spot.merchant || !config.link) return "";
  return `${config.link}${encodeURIComponent(spot.merchant)}`;
}

function popup(spot) {
  const box = element("div", "map-card");
  box.append(element("strong", "map-card-name", spot.name));
  if (spot.holder && spot.holder !== spot.name) box.append(element("span", "map-card-line", spot.holder));
  box.append(element("span", "map-pill", spot.code), markWords(marks[spot.stage]));
  if (spot.stale) {
    const warning = element(config.stale_link ? "a" : "span", "map-stale", "Bảng in đã cũ, cần thay");
    if (config.stale_link) warning.href = `${config.stale_link}&q=${encodeURIComponent(spot.code)}`;
    box.append(warning);
  }
  const place = [spot.zone, spot.place].filter(Boolean).join(" · ");
  if (place) box.append(element("span", "map-card-line", place));
  if (link(spot)) {
    const more = element("a", "map-link", config.link_words);
    more.href = link(spot);
    box.append(more);
  }
  return box;
}

function list(spots, total) {
  const box = element("div", "map-card");
  box.append(element("strong", "map-card-name", `${grouped(total)} điểm ở cùng một chỗ`));
  const items = element("ul", "map-results");
  for (const spot of spots) {
    const item = element("li");
    const button = element("button", "map-result");
    button.type = "button";
    const words = element("span", "map-result-words");
    words.append(element("strong", "", spot.name), element("span", "", spot.code));
    button.append(markSvg(marks[spot.stage], 24, spot.stale), words);
    button.addEventListener("click", () => layer.open(spot));
    item.append(button);
    items.append(item);
  }
  box.append(items);
  return box;
}

/** What the filter asks for; `bbox` only once the map shows a part of it. */
function query(bounds) {
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) wanted.set(name, value);
  const shown = marks.filter((_, at) => !hidden.has(at)).map((mark) => mark.stage);
  if (hidden.size) wanted.set(config.by, shown.join(",") || "-");
  for (const [name, value] of Object.entries(config.fixed)) wanted.set(name, value);
  if (bounds) {
    const box = bounds.pad(PAD);
    wanted.set("bbox", [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((edge) => edge.toFixed(6)).join(","));
    wanted.set("z", Math.round(map.getZoom()));
  }
  return wanted;
}

let asking = null;

async function ask(bounds) {
  asking?.abort();
  asking = new AbortController();
  const answer = await fetch(`${config.source}?${query(bounds)}`, { signal: asking.signal, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer.json();
}

/** What came from the server, as things to gather: points, and clusters with their counts. */
function gather(items) {
  return items.map((item) => {
    const [x, y] = worldPoint(item.lat, item.lng);
    if (item.n === 1) {
      const id = `${item.zone}/${item.code}/${item.lat}/${item.lng}`;
      return itemOf({ ...item, id, stage: index.get(item[config.by]) ?? 0, x, y }, marks.length);
    }
    const [west, south, east, north] = item.extent;
    const counts = marks.map((mark) => item[`${config.by}s`][mark.stage] ?? 0);
    return { x, y, total: item.n, stale: item.stale ?? 0, counts, spots: [], bounds: L.latLngBounds([south, west], [north, east]) };
  });
}

async function load() {
  try {
    const found = await ask(map.getBounds());
    layer.draw(groupsOf(gather(found.items), 2 ** map.getZoom()));
    say(found.total ? "" : config.nothing_here);
    document.documentElement.dataset.ready = "yes";
  } catch (fault) {
    if (fault.name !== "AbortError") say("Không tải được các điểm. Hãy kiểm tra mạng rồi kéo bản đồ một chút.");
  }
}

function say(words) {
  status.textContent = words;
  status.hidden = !words;
}

/** The whole of what the filter asks for comes into view. */
async function show() {
  map.closePopup();
  try {
    const { extent, total } = await ask(null);
    if (!total) {
      layer.draw([], true);
      say(config.nothing);
      document.documentElement.dataset.ready = "yes";
      return;
    }
    const bounds = L.latLngBounds([extent[1], extent[0]], [extent[3], extent[2]]);
    map.fitBounds(bounds, { padding: [36, 36], maxZoom: 18, animate: false });
    later();
  } catch (fault) {
    if (fault.name !== "AbortError") say("Không tải được các điểm. Hãy tải lại trang.");
  }
}

let waiting = 0;

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(load, PAUSE);
}

function addChips() {
  const box = document.getElementById("map-chips");
  marks.forEach((mark, at) => {
    const on = !config.only.length || config.only.includes(mark.stage);
    if (!on) hidden.add(at);
    if (config.counts && !config.counts[mark.stage]) return; // nobody stands there: no button to press
    const chip = element("button", "map-chip");
    chip.type = "button";
    chip.setAttribute("aria-pressed", String(on));
    chip.append(markSvg(mark, 22), element("span", "", mark.label));
    if (config.counts) chip.append(element("b", "", grouped(config.counts[mark.stage])));
    chip.addEventListener("click", () => {
      if (!hidden.delete(at)) hidden.add(at);
      chip.setAttribute("aria-pressed", String(!hidden.has(at)));
      later();
    });
    box.append(chip);
  });
}

async function addGround() {
  addNet(map);
  const answer = await fetch(config.places);
  if (answer.ok) addOutlines(map, await answer.json());
}

let typing = 0;
form.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(show, 300);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});
document.getElementById("map-all").addEventListener("click", show);

prepare(map);
addChips();
addGround();
map.on("moveend", later);
if (config.at) {
  map.setView(config.at, 19, { animate: false });
  later();
} else {
  show();
}
