// Points on the map: what overlaps on the screen is drawn as one cluster, so that the page stays small and clickable.
import { clusterSize, clusterSvg, MARK_SIZE, markSvg } from "./marks.js";
import { grouped } from "./words.js";

const CROWD = 250; // above this many visible points clusters gather from further away
const CELL_FEW = 22;
const CELL_MANY = 56;
const TOUCHING = 0.8; // of two radii: neighbours nearer than this are one cluster
const LISTED_MAX = 100;
const PAD = 0.15;

/** A place on the world at zoom 0, 256 pixels wide (web mercator). */
export function worldPoint(lat, lng) {
  const sine = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
  return [((lng + 180) / 360) * 256, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256];
}

/** The latitude and longitude of such a place. */
export function earthPoint(x, y) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 256))) * 180) / Math.PI;
  return [lat, (x / 256) * 360 - 180];
}

/** One spot as something to gather: its place (x, y at zoom 0), its weight and its count by stage. */
export function itemOf(spot, stageCount) {
  const counts = new Array(stageCount).fill(0);
  counts[spot.stage] = 1;
  return { x: spot.x, y: spot.y, total: 1, stale: spot.stale ? 1 : 0, counts, spots: [spot], bounds: L.latLngBounds([[spot.lat, spot.lng]]) };
}

/** Groups of spots inside `view` that are too near each other on the screen. */
export function clustersOf(spots, scale, view, stageCount) {
  const seen = spots.filter(({ x, y }) => x >= view[0] && x <= view[2] && y >= view[1] && y <= view[3]);
  const cell = (seen.length > CROWD ? CELL_MANY : CELL_FEW) / scale;
  const cells = new Map();
  for (const spot of seen) {
    const key = `${Math.floor(spot.x / cell)}:${Math.floor(spot.y / cell)}`;
    const group = cells.get(key);
    if (group) join(group, itemOf(spot, stageCount));
    else cells.set(key, itemOf(spot, stageCount));
  }
  return groupsOf([...cells.values()], scale);
}

/** Things whose drawings would lie on each other become one group, the larger first. */
export function groupsOf(items, scale) {
  const kept = [];
  for (const item of items.sort((one, other) => other.total - one.total || one.x - other.x || one.y - other.y)) {
    const host = kept.find((each) => {
      const near = ((clusterSize(each.total) + clusterSize(item.total)) / 2) * TOUCHING;
      return Math.hypot(each.x - item.x, each.y - item.y) * scale < near;
    });
    if (host) join(host, item);
    else kept.push(item);
  }
  return kept.map((group) => ({ ...group, key: keyOf(group, scale) }));
}

function join(host, guest) {
  const total = host.total + guest.total;
  host.x = (host.x * host.total + guest.x * guest.total) / total;
  host.y = (host.y * host.total + guest.y * guest.total) / total;
  host.total = total;
  host.stale += guest.stale;
  host.bounds.extend(guest.bounds);
  host.spots.push(...guest.spots);
  guest.counts.forEach((count, index) => (host.counts[index] += count));
}

function keyOf({ x, y, total, spots }, scale) {
  return total === 1 && spots.length === 1 ? `s${spots[0].id}` : `${scale}:${x}:${y}:${total}`;
}

/** Draws groups as markers and opens them; knows nothing of where points come from. */
export class MarkerLayer {
  /** `popup(spot)` and `list(spots, total)` return elements; marks are the stages by index. */
  constructor(map, marks, { popup, list }) {
    Object.assign(this, { map, marks, popup, list });
    this.drawn = new Map();
    this.group = L.layerGroup().addTo(map);
  }

  draw(groups, anew = false) {
    const next = new Map();
    for (const group of groups) {
      const kept = anew ? undefined : this.drawn.get(group.key);
      next.set(group.key, kept ?? (group.total === 1 && group.spots.length === 1 ? this.single(group.spots[0]) : this.many(group)));
    }
    for (const [key, marker] of this.drawn) if (next.get(key) !== marker) marker.remove();
    for (const [key, marker] of next) if (this.drawn.get(key) !== marker) marker.addTo(this.group);
    this.drawn = next;
  }

  single(spot) {
    const mark = this.marks[spot.stage];
    const icon = L.divIcon({ html: markSvg(mark, MARK_SIZE, spot.stale), className: "map-mark", iconSize: [MARK_SIZE, MARK_SIZE] });
    const marker = L.marker([spot.lat, spot.lng], { icon, title: `${spot.name} · ${spot.code}`, riseOnHover: true });
    named(marker, `${spot.name}, ${spot.code}, ${mark.label}${spot.stale ? ", bảng in đã cũ, cần thay" : ""}`);
    pressed(marker, () => this.open(spot));
    return marker;
  }

  many(group) {
    const drawing = clusterSvg(group.counts, group.total, this.marks, group.stale);
    const size = clusterSize(group.total);
    const icon = L.divIcon({ html: drawing, className: "map-cluster", iconSize: [size, size] });
    const marker = L.marker(earthPoint(group.x, group.y), { icon, title: `${grouped(group.total)} điểm`, zIndexOffset: 500 });
    const old = group.stale ? `, ${grouped(group.stale)} điểm có bảng in đã cũ` : "";
    named(marker, `${grouped(group.total)} điểm${old}, bấm để xem gần hơn`);
    pressed(marker, () => this.enter(group));
    return marker;
  }

  /** Closer to a cluster; where closer does not part its points, the list of what stands there. */
  enter({ x, y, bounds, spots, total }) {
    const zoom = this.map.getBoundsZoom(bounds, false, L.point(60, 60));
    const inseparable = bounds.getNorthEast().equals(bounds.getSouthWest()) || this.map.getZoom() >= this.map.getMaxZoom();
    if (inseparable && spots.length === total) {
      this.show(earthPoint(x, y), this.list(spots.slice(0, LISTED_MAX), total));
    } else {
      this.map.setView(bounds.getCenter(), Math.max(Math.min(zoom, this.map.getMaxZoom()), this.map.getZoom() + 1));
    }
  }

  open(spot) {
    this.show([spot.lat, spot.lng], this.popup(spot));
  }

  show(at, content) {
    L.popup({ className: "map-popup", maxWidth: 300, minWidth: 200, autoPanPadding: [24, 24], offset: [0, -8] })
      .setLatLng(at)
      .setContent(content)
      .openOn(this.map);
  }

  /** Goes to a spot and opens it. */
  visit(spot, zoom = 19) {
    this.map.setView([spot.lat, spot.lng], Math.max(this.map.getZoom(), zoom), { animate: false });
    this.open(spot);
  }
}

/** All points are here: clusters are made anew whenever the map moves. */
export class SpotLayer extends MarkerLayer {
  constructor(map, spots, marks, views) {
    super(map, marks, views);
    this.all = spots.map((spot) => {
      const [x, y] = worldPoint(spot.lat, spot.lng);
      return { ...spot, x, y };
    });
    this.shown = this.all;
    map.on("moveend zoomend resize", () => this.refresh());
  }

  /** Shows only the spots that `wanted` says yes to; answers how many. */
  filter(wanted) {
    this.shown = this.all.filter(wanted);
    this.map.closePopup();
    this.refresh(true);
    return this.shown.length;
  }

  /** Brings all shown spots into view. */
  fit() {
    if (!this.shown.length) return;
    const bounds = L.latLngBounds(this.shown.map((spot) => [spot.lat, spot.lng]));
    this.map.fitBounds(bounds, { padding: [36, 36], maxZoom: 18, animate: false });
  }

  refresh(anew = false) {
    const bounds = this.map.getBounds().pad(PAD);
    const [left, top] = worldPoint(bounds.getNorth(), bounds.getWest());
    const [right, bottom] = worldPoint(bounds.getSouth(), bounds.getEast());
    this.draw(clustersOf(this.shown, 2 ** this.map.getZoom(), [left, top, right, bottom], this.marks.length), anew);
  }
}

function named(marker, words) {
  marker.on("add", () => marker.getElement()?.setAttribute("aria-label", words));
}

/** A click, or Enter and the space bar for those without a mouse. */
function pressed(marker, act) {
  marker.on("click", act);
  marker.on("keydown", ({ originalEvent }) => {
    if (originalEvent.key !== "Enter" && originalEvent.key !== " ") return;
    originalEvent.preventDefault();
    act();
  });
}
