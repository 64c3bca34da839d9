// Lists by keyboard and in bulk: / searches, j and k (or the arrows) walk the rows, Enter opens, x picks, ? tells. Picking a whole
// page offers everyone of the filter. Without script the boxes and the button under the list do the same, row by row.
const table = document.querySelector("[data-list]");
const form = table?.closest("form");
const bar = form?.querySelector("[data-bulk]");
const help = document.getElementById("phim-tat");
const rows = table ? [...table.querySelectorAll("tbody tr")] : [];
let here = -1;

const boxOf = (row) => row.querySelector('.pick input[type="checkbox"]');
const typing = (target) => target.closest("input, select, textarea, [contenteditable], dialog, details[open]") !== null;

function walk(step) {
  if (!rows.length) return;
  rows[here]?.classList.remove("is-here");
  here = Math.max(0, Math.min(rows.length - 1, here + step));
  rows[here].classList.add("is-here");
  rows[here].querySelector("a")?.focus({ preventScroll: true });
  rows[here].scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => walk(1),
  k: () => walk(-1),
  ArrowDown: () => walk(1),
  ArrowUp: () => walk(-1),
  x: () => {
    const box = rows[here] && boxOf(rows[here]);
    if (!box) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  },
  "?": () => help?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "/" && !typing(event.target)) {
    const search = document.querySelector('input[type="search"]');
    search?.focus();
    search?.select();
    if (search) event.preventDefault();
    return;
  }
  if (event.key === "Escape" && event.target.matches('input[type="search"]')) event.target.blur();
  const act = KEYS[event.key];
  if (!act || typing(event.target)) return;
  if (event.key.startsWith("Arrow") && here < 0 && !table?.contains(event.target)) return; // the arrows scroll until a row is chosen
  event.preventDefault();
  act();
});

function pickings() {
  const boxes = rows.map(boxOf).filter(Boolean);
  const masters = [...form.querySelectorAll("[data-pick-all]")]; // in the heading, and in the bar for phones
  const whole = bar.querySelector('input[name="all"]');
  const words = bar.querySelector("[data-bulk-count]");
  const { noun } = bar.dataset;
  const total = Number(bar.dataset.total);
  let last = null;

  function tell() {
    const picked = boxes.filter((box) => box.checked).length;
    const full = picked > 0 && picked === boxes.length;
    for (const master of masters) {
      master.checked = full;
      master.indeterminate = picked > 0 && !full;
    }
    if (whole) {
      whole.closest("label").hidden = !full || total <= boxes.length;
      if (!full) whole.checked = false;
    }
    if (whole?.checked) words.textContent = `Đã chọn cả ${total.toLocaleString("vi-VN")} ${noun} theo bộ lọc`;
    else words.textContent = picked ? `Đã chọn ${picked} ${noun} trên trang này` : bar.dataset.none;
    bar.classList.toggle("is-picking", picked > 0);
  }

  for (const master of masters) {
    master.closest("label").hidden = false;
    master.addEventListener("change", () => {
      for (const box of boxes) box.checked = master.checked;
      tell();
    });
  }
  table.addEventListener("click", (event) => {
    if (!boxes.includes(event.target)) return;
    if (event.shiftKey && last && last !== event.target) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(event.target)].sort((one, other) => one - other);
      for (const box of boxes.slice(from, to + 1)) box.checked = event.target.checked;
    }
    last = event.target;
  });
  form.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
  tell();
}

if (bar) pickings();
