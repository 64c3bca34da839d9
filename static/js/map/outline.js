// Drawing a place: a middle, a street's line or an outline, over the points that are there already. Corners are set with clicks,
// dragged, moved with the arrow keys, removed with Delete; a click on the small mark between two corners sets one there.
import { addNet, addOutlines, prepare } from "./ground.js";

const config = JSON.parse(document.getElementById("place-config").textContent);
const map = window.choso_map;
const drawn = document.getElementById("drawn");
const count = document.getElementById("draw-count");
const look = { color: "#cf2323", weight: 3, fillOpacity: 0.08, interactive: false };
const shape = L.layerGroup().addTo(map);
const handles = L.layerGroup().addTo(map);
const HANDLES_MAX = 150; // an outline from a surveyor may have thousands of corners: those are shown, not held
const STEP_PX = 8;
const isLine = config.shape === "LineString";
const fewest = isLine ? 2 : 3;
let vertices = [];
const past = [];

/** Corners [lat, lng] of the first part of a geometry. */
export function cornersOf(geometry) {
  if (!geometry) return [];
  const { type, coordinates } = geometry;
  const line = { LineString: coordinates, Polygon: coordinates[0], MultiLineString: coordinates[0], MultiPolygon: coordinates[0]?.[0] }[type];
  const open = type.endsWith("Polygon") ? line.slice(0, -1) : line;
  return open.map(([lng, lat]) => [lat, lng]);
}

function geometryOf() {
  const line = vertices.map(([lat, lng]) => [Number(lng.toFixed(6)), Number(lat.toFixed(6))]);
  if (line.length < fewest) return null;
  return isLine ? { type: "LineString", coordinates: line } : { type: "Polygon", coordinates: [[...line, line[0]]] };
}

/** Metres of a line, hectares of an area: what tells a wrong scale at once. */
function sizeOf() {
  const sides = vertices.map((at, index) => map.distance(at, vertices[(index + 1) % vertices.length]));
  if (isLine) return `${Math.round(sides.slice(0, -1).reduce((sum, side) => sum + side, 0)).toLocaleString("vi-VN")} m`;
  const [lat0, lng0] = vertices[0];
  const metres = vertices.map(([lat, lng]) => [(lng - lng0) * 111320 * Math.cos((lat0 * Math.PI) / 180), (lat - lat0) * 110574]);
  const twice = metres.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = metres[(index + 1) % metres.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  return `${(Math.abs(twice) / 20000).toLocaleString("vi-VN", { maximumFractionDigits: 2 })} ha`;
}

function drawShape() {
  shape.clearLayers();
  if (vertices.length > 1) (isLine ? L.polyline(vertices, look) : L.polygon(vertices, look)).addTo(shape);
}

function handle(at, className, title) {
  const size = className === "corner" ? 18 : 12;
  return L.marker(at, { icon: L.divIcon({ className: `draw-${className}`, iconSize: [size, size] }), draggable: className === "corner", title, alt: title, autoPanOnFocus: false });
}

function drawHandles() {
  handles.clearLayers();
  if (vertices.length > HANDLES_MAX) return;
  vertices.forEach((at, index) => {
    const corner = handle(at, "corner", `Đỉnh ${index + 1}: kéo để dời, Delete để bỏ`).addTo(handles);
    corner.on("dragstart", remember);
    corner.on("drag", ({ latlng }) => {
      vertices[index] = [latlng.lat, latlng.lng];
      drawShape();
    });
    corner.on("dragend", changed);
    corner.getElement().addEventListener("keydown", (event) => moved(event, index));
  });
  const sides = isLine ? vertices.length - 1 : vertices.length > 2 ? vertices.length : 0;
  for (let index = 0; index < sides; index += 1) {
    const [one, other] = [vertices[index], vertices[(index + 1) % vertices.length]];
    const middle = [(one[0] + other[0]) / 2, (one[1] + other[1]) / 2];
    handle(middle, "between", "Thêm đỉnh ở giữa")
      .addTo(handles)
      .on("click", () => change(() => vertices.splice(index + 1, 0, middle)));
  }
}

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function moved(event, index) {
  const arrow = ARROWS[event.key];
  if (event.key === "Delete" || event.key === "Backspace") change(() => vertices.splice(index, 1));
  else if (arrow) {
    const point = map.latLngToContainerPoint(vertices[index]).add([arrow[0] * STEP_PX, arrow[1] * STEP_PX]);
    const { lat, lng } = map.containerPointToLatLng(point);
    change(() => (vertices[index] = [lat, lng]));
    handles.getLayers()[index]?.getElement().focus();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function remember() {
  past.push(vertices.map((at) => [...at]));
}

function change(act) {
  remember();
  act();
  changed();
}

function changed() {
  drawShape();
  drawHandles();
  const geometry = geometryOf();
  drawn.value = geometry ? JSON.stringify(geometry) : "";
  const corners = vertices.length ? `${vertices.length} đỉnh` : "Chưa vẽ đỉnh nào";
  count.textContent = geometry ? `${corners}, ${sizeOf()}` : vertices.length ? `${corners}, cần ít nhất ${fewest}` : corners;
}

function drawOutline() {
  vertices = cornersOf(config.geometry);
  drawShape();
  drawHandles();
  if (config.geometry?.type.startsWith("Multi")) count.textContent = "Ranh giới có nhiều phần; vẽ ở đây sẽ thay tất cả.";
  map.on("click", ({ latlng }) => change(() => vertices.push([latlng.lat, latlng.lng])));
  document.getElementById("draw-undo").addEventListener("click", () => {
    if (past.length) vertices = past.pop();
    else vertices.pop();
    changed();
  });
  document.getElementById("draw-clear").addEventListener("click", () => change(() => (vertices = [])));
  document.getElementById("file").addEventListener("change", ({ target }) => showFile(target.files[0]));
}

/** What is about to be uploaded, on the map before it is sent; what cannot be read is told by the server. */
async function showFile(file) {
  if (!file || file.size > 2_000_000) return;
  try {
    let found = JSON.parse(await file.text());
    if (found.type === "FeatureCollection") [found] = found.features;
    const corners = cornersOf(found.geometry ?? found);
    remember();
    vertices = corners;
    changed();
    map.fitBounds(L.latLngBounds(corners).pad(0.3), { maxZoom: 18, animate: false });
  } catch {
    count.textContent = "Chưa xem trước được tệp này; bấm lưu để biết vì sao.";
  }
}

function pickPoint() {
  const fields = [document.getElementById("lat"), document.getElementById("lng")];
  const show = () => {
    const [lat, lng] = fields.map((field) => (field.value ? Number(field.value.replace(",", ".")) : NaN));
    shape.clearLayers();
    if (Number.isFinite(lat) && Number.isFinite(lng) && Math.abs(lat) <= 90) {
      L.circleMarker([lat, lng], { ...look, radius: 9, fillOpacity: 0.6 }).addTo(shape);
    }
    return [lat, lng];
  };
  map.on("click", ({ latlng }) => {
    fields[0].value = latlng.lat.toFixed(6);
    fields[1].value = latlng.lng.toFixed(6);
    show();
  });
  fields.forEach((field) => field.addEventListener("input", show));
  const [lat, lng] = show();
  vertices = Number.isFinite(lat) && Number.isFinite(lng) ? [[lat, lng]] : [];
}

/** The points of the registry as small dots, for knowing where one is. */
async function addPoints() {
  const [cells, places] = await Promise.all([fetch(config.cells), fetch(config.places)]);
  if (!cells.ok || !places.ok) return;
  const found = await cells.json();
  addOutlines(map, await places.json());
  const dot = { radius: 3, color: "#184354", weight: 1, fillOpacity: 0.5, interactive: false };
  for (const item of found.items) {
    L.circleMarker([item.lat, item.lng], { ...dot, radius: Math.min(3 + Math.log2(item.n), 12) }).addTo(map);
  }
  if (!vertices.length && found.extent) {
    const [west, south, east, north] = found.extent;
    map.fitBounds([[south, west], [north, east]], { padding: [30, 30], maxZoom: 18, animate: false });
  }
}

function start() {
  prepare(map);
  addNet(map);
  map.doubleClickZoom.disable(); // two quick corners are two corners
  if (config.shape === "Point") pickPoint();
  else drawOutline();
  if (vertices.length) map.fitBounds(L.latLngBounds(vertices).pad(0.3), { maxZoom: 18, animate: false });
  addPoints();
  document.documentElement.dataset.ready = "yes";
}

start();
