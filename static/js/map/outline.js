// Drawing a place: a middle, a street's line or an outline, vertex by vertex, over the points that are there already.
import { addNet, addOutlines, prepare } from "./ground.js";

const config = JSON.parse(document.getElementById("place-config").textContent);
const map = window.choso_map;
const drawn = document.getElementById("drawn");
const count = document.getElementById("draw-count");
const look = { color: "#cf2323", weight: 3, fillOpacity: 0.08, interactive: false };
const shape = L.layerGroup().addTo(map);
const DOTS_MAX = 300;
let vertices = [];

function ringOf(geometry) {
  if (!geometry) return [];
  const { type, coordinates } = geometry;
  const line = { LineString: coordinates, Polygon: coordinates[0], MultiLineString: coordinates[0], MultiPolygon: coordinates[0]?.[0] }[type];
  const open = type.endsWith("Polygon") ? line.slice(0, -1) : line;
  return open.map(([lng, lat]) => [lat, lng]);
}

function geometryOf() {
  const line = vertices.map(([lat, lng]) => [Number(lng.toFixed(6)), Number(lat.toFixed(6))]);
  if (config.shape === "LineString") return line.length > 1 ? { type: "LineString", coordinates: line } : null;
  return line.length > 2 ? { type: "Polygon", coordinates: [[...line, line[0]]] } : null;
}

function draw() {
  shape.clearLayers();
  const dots = vertices.length > DOTS_MAX ? vertices.slice(-1) : vertices;
  dots.forEach((at) => L.circleMarker(at, { ...look, radius: 5, fillOpacity: 1 }).addTo(shape));
  const line = config.shape === "LineString" ? L.polyline(vertices, look) : L.polygon(vertices, look);
  if (vertices.length > 1) line.addTo(shape);
}

function changed() {
  draw();
  const geometry = geometryOf();
  drawn.value = geometry ? JSON.stringify(geometry) : "";
  count.textContent = vertices.length ? `${vertices.length} đỉnh` : "Chưa vẽ đỉnh nào";
}

function drawOutline() {
  vertices = ringOf(config.geometry);
  draw();
  map.on("click", ({ latlng }) => {
    vertices.push([latlng.lat, latlng.lng]);
    changed();
  });
  document.getElementById("draw-undo").addEventListener("click", () => {
    vertices.pop();
    changed();
  });
  document.getElementById("draw-clear").addEventListener("click", () => {
    vertices = [];
    changed();
  });
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
