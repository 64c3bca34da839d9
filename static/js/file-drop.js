const MB = 1024 * 1024;

// [data-drop] around a file field: takes dropped files, shows name and size, says when one is too big before it is sent.
// The field itself lies unseen over the whole zone: its own button speaks the browser's language, not the page's.
export function watchDrops(root) {
  for (const zone of root.querySelectorAll("[data-drop]")) watchDrop(zone);
}

function watchDrop(zone) {
  const input = zone.querySelector('input[type="file"]');
  const name = zone.querySelector("[data-drop-name]");
  for (const part of zone.querySelectorAll("[data-drop-text], [data-drop-pick]")) part.hidden = false;
  zone.classList.add("is-live");

  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("is-over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("change", () => describe(zone, input, name));
  describe(zone, input, name);
}

function describe(zone, input, name) {
  const files = [...input.files];
  const limit = Number(zone.dataset.maxMb || 20);
  const large = files.find((file) => file.size > limit * MB);
  input.setCustomValidity(large ? `Tệp ${large.name} lớn hơn ${limit} MB; hãy tách nhỏ rồi gửi.` : "");
  zone.classList.toggle("is-filled", files.length > 0 && !large);
  name.textContent = large ? input.validationMessage : files.map((file) => `${file.name} (${size(file.size)})`).join(", ");
}

function size(bytes) {
  if (bytes >= MB) return `${(bytes / MB).toLocaleString("vi-VN", { maximumFractionDigits: 1 })} MB`;
  return `${Math.max(1, Math.round(bytes / 1024)).toLocaleString("vi-VN")} KB`;
}
