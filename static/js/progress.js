const EVERY_MS = 1000;
const EVERY_MS_MOST = 8000;

// [data-progress="url"]: asks the address for {percent, message, state, next} until the work is done, then goes to `next` or
// reloads. A page in the background asks less often; a lost connection is said and tried again.
export function watchProgress(root) {
  for (const box of root.querySelectorAll("[data-progress]")) poll(box, EVERY_MS);
}

async function poll(box, wait) {
  const message = box.querySelector("[data-progress-message]");
  try {
    const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const job = await answer.json();
    show(box, message, job);
    if (job.state === "done" || job.state === "failed") {
      finish(job);
      return;
    }
    wait = EVERY_MS;
  } catch {
    message.textContent = "Mất kết nối, đang thử lại…";
    wait = Math.min(wait * 2, EVERY_MS_MOST);
  }
  setTimeout(() => poll(box, wait), document.hidden ? EVERY_MS_MOST : wait);
}

function show(box, message, job) {
  const percent = Math.max(0, Math.min(100, Math.round(job.percent ?? 0)));
  box.querySelector("progress").value = percent;
  box.querySelector("[data-progress-percent]").textContent = String(percent);
  if (job.message) message.textContent = job.message;
}

function finish(job) {
  const next = job.next ? new URL(job.next, location.href) : null;
  if (next && next.origin === location.origin) location.assign(next);
  else location.reload();
}
