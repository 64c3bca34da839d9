// Marks of the stages: colour and glyph together, so that they survive a grey printer and a colour-blind eye.
import { element, grouped } from "./words.js";

export const MARK_SIZE = 28;
const SVG = "http://www.w3.org/2000/svg";

// Shapes on a 24 x 24 grid: the same glyphs as icons/sprite.svg#stage-*. "line" is a stroke width, "solid" fills.
const GLYPHS = {
  none: [["circle", { cx: 12, cy: 12, r: 5, line: 1.8, "stroke-dasharray": "2.4 2.9" }]],
  surveyed: [["circle", { cx: 12, cy: 12, r: 3.8, solid: 1 }]],
  consented: [["path", { d: "m5.5 12.5 4.2 4.2L18.5 7.5", line: 3.2 }]],
  account: [
    ["path", { d: "M5 7.5h14v9H5z", line: 2.6 }],
    ["path", { d: "M5 11h14", line: 2.6 }],
  ],
  qr: [["path", { d: "M5 5h6v6H5zM13 5h6v6h-6zM5 13h6v6H5zM15 15h4v4h-4z", solid: 1 }]],
  printed: [["path", { d: "M15.5 5 8.5 19", line: 3.4 }]],
  installed: [["path", { d: "M12 5.5v13M5.5 12h13", line: 3.4 }]],
  trained: [["path", { d: "M6 9.2h12M6 14.8h12", line: 3.2 }]],
  paid: [["circle", { cx: 12, cy: 12, r: 5.6, line: 3.2 }]],
  active: [["circle", { cx: 12, cy: 12, r: 6.6, solid: 1 }]],
  dormant: [["path", { d: "M9 6.5v11M15 6.5v11", line: 3.4 }]],
  refused: [["path", { d: "M7 7l10 10M17 7 7 17", line: 3 }]],
  stopped: [["path", { d: "M7 7h10v10H7z", solid: 1 }]],
  shop: [["path", { d: "M6 10v8h12v-8M4.5 10 6.5 5.5h11l2 4.5z", line: 2.2 }]],
  basket: [["path", { d: "M4.5 10h15l-2 8.5h-11zM8.5 10 11 5M15.5 10 13 5", line: 2.2 }]],
  cash: [
    ["path", { d: "M4 7h16v10H4z", line: 2.2 }],
    ["circle", { cx: 12, cy: 12, r: 2.5, solid: 1 }],
  ],
  desk: [["path", { d: "M12 5.2 13.9 10h5l-4 3.1 1.5 5L12 15.2l-4.4 2.9 1.5-5L5.1 10h5z", solid: 1 }]],
  school: [["path", { d: "m3.5 10 8.5-4 8.5 4-8.5 4zM7 12v4.5c3 2 7 2 10 0V12", line: 2.2 }]],
  health: [["path", { d: "M9.5 5h5v4.5H19v5h-4.5V19h-5v-4.5H5v-5h4.5z", solid: 1 }]],
  bolt: [["path", { d: "M13.5 4 6 13.5h5L10.5 20 18 10.5h-5z", solid: 1 }]],
  wifi: [
    ["path", { d: "M4.5 10.5c4.5-4.5 10.5-4.5 15 0M7.8 14c2.6-2.6 5.8-2.6 8.4 0", line: 2.3 }],
    ["circle", { cx: 12, cy: 17.6, r: 1.8, solid: 1 }],
  ],
  unknown: [
    ["path", { d: "M9 9.2a3 3 0 1 1 4.6 2.5c-1 .7-1.6 1.2-1.6 2.4", line: 2.4 }],
    ["circle", { cx: 12, cy: 18, r: 1.6, solid: 1 }],
  ],
};

export function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function shape([tag, { line, solid, ...rest }], ink) {
  return svg(tag, {
    ...rest,
    fill: solid ? ink : "none",
    ...(line ? { stroke: ink, "stroke-width": line, "stroke-linecap": "round", "stroke-linejoin": "round" } : {}),
  });
}

/** The mark of one stage as an SVG of `size` pixels; with an exclamation mark where something must be replaced. */
export function markSvg(mark, size, stale = false) {
  const drawn = svg("svg", { viewBox: "0 0 24 24", width: size, height: size, "aria-hidden": "true" });
  drawn.append(svg("rect", { x: 1, y: 1, width: 22, height: 22, rx: 6, fill: mark.fill, stroke: "#16303b" }));
  for (const each of GLYPHS[mark.glyph] ?? GLYPHS.unknown) drawn.append(shape(each, mark.ink));
  if (stale) drawn.append(staleBadge("translate(20 4) scale(.3)"));
  return drawn;
}

/** A red disc with an exclamation mark, 46 units across. */
function staleBadge(transform) {
  const badge = svg("g", { transform });
  badge.append(
    svg("circle", { r: 23, fill: "#cf2323", stroke: "#fff", "stroke-width": 4 }),
    svg("path", { d: "M0-13V3", stroke: "#fff", "stroke-width": 6.5, "stroke-linecap": "round" }),
    svg("circle", { cy: 12.5, r: 3.8, fill: "#fff" }),
  );
  return badge;
}

/** Pixels across of what stands for so many points. */
export function clusterSize(total) {
  if (total === 1) return MARK_SIZE;
  return total < 10 ? 38 : total < 100 ? 44 : total < 1000 ? 52 : 60;
}

/** Many points in one place: how many, and a ring whose parts are their stages. */
export function clusterSvg(counts, total, marks, stale = 0) {
  const size = clusterSize(total);
  const drawn = svg("svg", { viewBox: "-50 -50 100 100", width: size, height: size, "aria-hidden": "true" });
  drawn.append(svg("circle", { r: 49, fill: "#16303b" }), svg("circle", { r: 46.5, fill: "#fff" }));
  let turned = 0;
  marks.forEach((mark, index) => {
    const share = (counts[index] ?? 0) / total;
    if (!share) return;
    drawn.append(
      svg("circle", {
        r: 39,
        fill: "none",
        stroke: mark.fill,
        "stroke-width": 14,
        pathLength: 100,
        "stroke-dasharray": `${share * 100} 100`,
        transform: `rotate(${turned * 360 - 90})`,
      }),
    );
    turned += share;
  });
  drawn.append(svg("circle", { r: 32, fill: "#fff", stroke: "#16303b", "stroke-width": 1.5 }));
  const text = svg("text", { y: 8, "text-anchor": "middle", "font-size": total < 1000 ? 25 : 20, fill: "#16303b" });
  text.textContent = total < 10000 ? grouped(total) : `${Math.round(total / 1000)}k`;
  drawn.append(text);
  if (stale) drawn.append(staleBadge("translate(34 -34) scale(.68)"));
  return drawn;
}

/** Mark and words side by side, for legends and popups. */
export function markWords(mark, className = "map-stage") {
  const line = element("span", className);
  line.append(markSvg(mark, 22), element("span", "", mark.label));
  return line;
}
