// What lies under the points when there is no base map: a fine net of meridians, the outline and name of each zone.

/** Zoom buttons and popups in Vietnamese; a map that follows the size of its place. */
export function prepare(map) {
  L.control.zoom({ position: "topright", zoomInTitle: "Phóng to", zoomOutTitle: "Thu nhỏ" }).addTo(map);
  map.on("popupopen", ({ popup }) => {
    popup.getElement()?.querySelector(".leaflet-popup-close-button")?.setAttribute("aria-label", "Đóng");
  });
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(map.getContainer());
}

const STEPS = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001, 0.00005];
const NET_PIXELS = 110;
const LABELS_MAX = 60;

/** Lines of latitude and longitude about a finger's length apart, redrawn as the map moves. */
export function addNet(map) {
  const pane = map.createPane("net");
  pane.style.zIndex = 210;
  pane.style.pointerEvents = "none";
  const renderer = L.canvas({ pane: "net", padding: 0.2 });
  const net = L.layerGroup().addTo(map);
  const style = { color: "#d9d2bd", weight: 1, interactive: false, renderer, pane: "net" };
  const draw = () => {
    const bounds = map.getBounds().pad(0.2);
    const perPixel = (bounds.getEast() - bounds.getWest()) / 1.4 / map.getSize().x;
    const step = STEPS.findLast((each) => each >= perPixel * NET_PIXELS) ?? STEPS[0];
    net.clearLayers();
    for (let lat = Math.floor(bounds.getSouth() / step); lat * step <= bounds.getNorth(); lat += 1) {
      L.polyline([[lat * step, bounds.getWest()], [lat * step, bounds.getEast()]], style).addTo(net);
    }
    for (let lng = Math.floor(bounds.getWest() / step); lng * step <= bounds.getEast(); lng += 1) {
      L.polyline([[bounds.getSouth(), lng * step], [bounds.getNorth(), lng * step]], style).addTo(net);
    }
  };
  map.on("moveend resize", draw);
  draw();
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
}

/** Outline of points [lng, lat] (monotone chain), counter-clockwise. */
export function hullOf(points) {
  const sorted = [...points].sort((one, other) => one[0] - other[0] || one[1] - other[1]);
  const half = (list) => {
    const chain = [];
    for (const point of list) {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
      chain.push(point);
    }
    chain.pop();
    return chain;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turn(one, other, third) {
  return (other[0] - one[0]) * (third[1] - one[1]) - (other[1] - one[1]) * (third[0] - one[0]);
}

/** The outline of each zone's points and its name over them. `spots` have zone, lat, lng. */
export function addZones(map, spots) {
  const byZone = new Map();
  for (const spot of spots) {
    if (!spot.zone) continue;
    if (!byZone.has(spot.zone)) byZone.set(spot.zone, []);
    byZone.get(spot.zone).push([spot.lng, spot.lat]);
  }
  const names = L.layerGroup();
  for (const [zone, points] of [...byZone].slice(0, LABELS_MAX)) {
    const hull = hullOf(points).map(([lng, lat]) => [lat, lng]);
    const bounds = L.latLngBounds(points.map(([lng, lat]) => [lat, lng]));
    if (hull.length > 2) {
      const look = { color: "#184354", weight: 1.5, opacity: 0.45, dashArray: "5 6", fillOpacity: 0.07, lineJoin: "round" };
      L.polygon(hull, { ...look, interactive: false }).addTo(map);
    }
    addName(names, zone, [bounds.getNorth(), bounds.getCenter().lng]);
  }
  const toggle = () => (map.getZoom() >= 13 ? names.addTo(map) : names.remove());
  map.on("zoomend", toggle);
  toggle();
}

/** A name on the ground, centred above a place. */
export function addName(group, words, at, className = "map-zone-name") {
  const label = document.createElement("span");
  label.textContent = words;
  const icon = L.divIcon({ html: label, className, iconSize: [220, 24], iconAnchor: [110, 50] });
  return L.marker(at, { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(group);
}

/** Outlines of hamlets and zones that somebody drew or uploaded (GeoJSON), with their names as text. */
export function addOutlines(map, collection) {
  const looks = {
    hamlet: { color: "#8b979c", weight: 1.5, dashArray: "6 5", fillOpacity: 0.03, interactive: false },
    zone: { color: "#184354", weight: 3, opacity: 0.6, fillOpacity: 0.08, interactive: false },
  };
  const names = L.layerGroup();
  for (const feature of collection.features) {
    const shape = L.geoJSON(feature, { style: looks[feature.properties.kind], pointToLayer: () => L.layerGroup() }).addTo(map);
    const isPoint = feature.geometry.type === "Point";
    const bounds = isPoint ? L.latLng(feature.geometry.coordinates.toReversed()).toBounds(60) : shape.getBounds();
    if (!bounds.isValid()) continue;
    const isZone = feature.properties.kind === "zone";
    const at = isZone ? [bounds.getNorth(), bounds.getCenter().lng] : bounds.getCenter();
    addName(names, feature.properties.name, at, isZone ? "map-zone-name" : "map-hamlet-name");
  }
  const toggle = () => (map.getZoom() >= 13 ? names.addTo(map) : names.remove());
  map.on("zoomend", toggle);
  toggle();
}
