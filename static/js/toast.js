const SHOWN_MS = 4000;

// A short word at the foot of the page, read out by screen readers. Only for what the page shows anyway.
export function toast(text) {
  const place = document.getElementById("toasts");
  if (!place) return;
  const note = document.createElement("p");
  note.className = "toast";
  note.textContent = text;
  place.append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}
