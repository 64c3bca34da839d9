// Points on the map: what overlaps on the screen is drawn as one cluster, so that the page stays small and clickable.
import { clusterSvg, markSvg } from "./marks.js";
import { grouped } from "./words.js";

const MARK = 28;
const CROWD = 250; // above this many visible points clusters gather from further away
const CELL_FEW = 22;
const CELL_MANY = 56;
const TOUCHING = 0.72; // of a cell: neighbours nearer than this are one cluster
const LISTED_MAX = 100;
const PAD = 0.15;

/** A place on the world at zoom 0, 256 pixels wide (web mercator). */
export function worldPoint(lat, lng) {
  const sine = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
  return [((lng + 180) / 360) * 256, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 256];
}

/** Groups of spots that are too near each other on the screen. `spots` have x, y (zoom 0) and a stage index. */
export function clustersOf(spots, scale, view, stageCount) {
  const seen = spots.filter(({ x, y }) => x >= view[0] && x <= view[2] && y >= view[1] && y <= view[3]);
  const cell = (seen.length > CROWD ? CELL_MANY : CELL_FEW) / scale;
  const cells = new Map();
  for (const spot of seen) {
    const key = `${Math.floor(spot.x / cell)}:${Math.floor(spot.y / cell)}`;
    let group = cells.get(key);
    if (!group) cells.set(key, (group = { key, x: 0, y: 0, spots: [], counts: new Array(stageCount).fill(0) }));
    group.spots.push(spot);
    group.counts[spot.stage] += 1;
    group.x += spot.x;
    group.y += spot.y;
  }
  return merged([...cells.values()], cell * TOUCHING);
}

/** A cell's border may run through a crowd: clusters whose middles nearly touch become one, the larger first. */
function merged(groups, near) {
  const kept = [];
  for (const group of groups.sort((one, other) => other.spots.length - one.spots.length || (one.key < other.key ? -1 : 1))) {
    const [x, y] = middle(group);
    const host = kept.find((each) => {
      const [hostX, hostY] = middle(each);
      return Math.hypot(hostX - x, hostY - y) < near;
    });
    if (!host) {
      kept.push(group);
      continue;
    }
    host.spots.push(...group.spots);
    host.x += group.x;
    host.y += group.y;
    group.counts.forEach((count, index) => (host.counts[index] += count));
  }
  return kept;
}

function middle({ x, y, spots }) {
  return [x / spots.length, y / spots.length];
}

export class SpotLayer {
  /** `popup(spot)` and `list(spots)` return elements; marks are the stages by index. */
  constructor(map, spots, marks, { popup, list }) {
    Object.assign(this, { map, marks, popup, list });
    this.all = spots.map((spot) => {
      const [x, y] = worldPoint(spot.lat, spot.lng);
      return { ...spot, x, y };
    });
    this.shown = this.all;
    this.drawn = new Map();
    this.group = L.layerGroup().addTo(map);
    map.on("moveend zoomend resize", () => this.draw());
  }

  /** Shows only the spots that `wanted` says yes to; answers how many. */
  filter(wanted) {
    this.shown = this.all.filter(wanted);
    this.map.closePopup();
    this.draw(true);
    return this.shown.length;
  }

  /** Brings all shown spots into view. */
  fit(options = {}) {
    if (!this.shown.length) return;
    const bounds = L.latLngBounds(this.shown.map((spot) => [spot.lat, spot.lng]));
    this.map.fitBounds(bounds, { padding: [36, 36], maxZoom: 18, animate: false, ...options });
  }

  draw(anew = false) {
    const scale = 2 ** this.map.getZoom();
    const bounds = this.map.getBounds().pad(PAD);
    const [left, top] = worldPoint(bounds.getNorth(), bounds.getWest());
    const [right, bottom] = worldPoint(bounds.getSouth(), bounds.getEast());
    const next = new Map();
    for (const cluster of clustersOf(this.shown, scale, [left, top, right, bottom], this.marks.length)) {
      const key = cluster.spots.length === 1 ? `s${cluster.spots[0].id}` : `${scale}:${cluster.key}:${cluster.spots.length}`;
      const kept = anew ? undefined : this.drawn.get(key);
      next.set(key, kept ?? this.marker(cluster));
    }
    for (const [key, marker] of this.drawn) if (next.get(key) !== marker) marker.remove();
    for (const [key, marker] of next) if (this.drawn.get(key) !== marker) marker.addTo(this.group);
    this.drawn = next;
  }

  marker(cluster) {
    return cluster.spots.length === 1 ? this.single(cluster.spots[0]) : this.many(cluster);
  }

  single(spot) {
    const mark = this.marks[spot.stage];
    const icon = L.divIcon({ html: markSvg(mark, MARK), className: "map-mark", iconSize: [MARK, MARK] });
    const marker = L.marker([spot.lat, spot.lng], { icon, title: `${spot.name} · ${spot.code}`, riseOnHover: true });
    named(marker, `${spot.name}, ${spot.code}, ${mark.label}`);
    pressed(marker, () => this.open(spot));
    return marker;
  }

  many(cluster) {
    const total = cluster.spots.length;
    const drawing = clusterSvg(cluster.counts, total, this.marks);
    const size = Number(drawing.getAttribute("width"));
    const icon = L.divIcon({ html: drawing, className: "map-cluster", iconSize: [size, size] });
    const lat = cluster.spots.reduce((sum, spot) => sum + spot.lat, 0) / total;
    const lng = cluster.spots.reduce((sum, spot) => sum + spot.lng, 0) / total;
    const marker = L.marker([lat, lng], { icon, title: `${grouped(total)} điểm`, zIndexOffset: 500 });
    named(marker, `${grouped(total)} điểm, bấm để xem gần hơn`);
    pressed(marker, () => this.enter(cluster, [lat, lng]));
    return marker;
  }

  /** Closer to a cluster; where closer does not part them, the list of what stands there. */
  enter(cluster, at) {
    const bounds = L.latLngBounds(cluster.spots.map((spot) => [spot.lat, spot.lng]));
    const zoom = this.map.getBoundsZoom(bounds, false, L.point(60, 60));
    if (bounds.getNorthEast().equals(bounds.getSouthWest()) || this.map.getZoom() >= this.map.getMaxZoom()) {
      this.show(at, this.list(cluster.spots.slice(0, LISTED_MAX), cluster.spots.length));
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
