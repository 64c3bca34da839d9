// [data-signature]: a field to sign in with finger, pen or mouse. Strokes go into the hidden field as [[x, y, x, y, …], …] in the
// field's own units (1000 × 400), so that what is kept does not depend on the screen. Without script another way is chosen.
const WIDTH = 1000;
const HEIGHT = 400;
const INK = "#12303c";
const STEP = 3; // units between two points that are kept
const STROKES_MAX = 120;
const POINTS_MAX = 5000;

for (const pad of document.querySelectorAll("[data-signature]")) watchPad(pad);

function watchPad(pad) {
  const canvas = pad.querySelector("canvas");
  const field = pad.querySelector('input[name="signature"]');
  const empty = pad.querySelector("[data-signature-empty]");
  const buttons = [...pad.querySelectorAll("button")];
  const pen = canvas.getContext("2d");
  const strokes = field.value ? JSON.parse(field.value) : [];
  let current = null;
  pad.hidden = false;

  function resize() {
    const { width } = canvas.getBoundingClientRect();
    if (!width) return; // hidden for now: another way of agreeing is chosen
    const dots = Math.min(3, window.devicePixelRatio || 1);
    canvas.width = Math.round(width * dots);
    canvas.height = Math.round((width * dots * HEIGHT) / WIDTH);
    draw();
  }

  function draw() {
    const scale = canvas.width / WIDTH;
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    Object.assign(pen, { lineWidth: 5, lineCap: "round", lineJoin: "round", strokeStyle: INK });
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(stroke[0], stroke[1]);
      for (let at = 0; at < stroke.length; at += 2) pen.lineTo(stroke[at], stroke[at + 1]);
      pen.stroke();
    }
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const clamp = (value, most) => Math.max(0, Math.min(most, Math.round(value)));
    return [clamp(((event.clientX - box.left) / box.width) * WIDTH, WIDTH), clamp(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT)];
  }

  function add(event) {
    const [x, y] = place(event);
    if (current.length && Math.hypot(x - current.at(-2), y - current.at(-1)) < STEP) return;
    if (strokes.reduce((sum, stroke) => sum + stroke.length, 0) < 2 * POINTS_MAX) current.push(x, y);
  }

  function changed() {
    field.value = strokes.length ? JSON.stringify(strokes) : "";
    empty.hidden = strokes.length > 0;
    for (const button of buttons) button.disabled = !strokes.length;
    draw();
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button > 0 || strokes.length >= STROKES_MAX) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    current = [];
    add(event);
    strokes.push(current);
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!current || !event.isPrimary) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) add(each);
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      current = null;
      changed();
    });
  }
  pad.querySelector("[data-signature-undo]").addEventListener("click", () => {
    strokes.pop();
    changed();
  });
  pad.querySelector("[data-signature-clear]").addEventListener("click", () => {
    strokes.length = 0;
    changed();
  });
  new ResizeObserver(resize).observe(canvas);
  resize();
  changed();
}
