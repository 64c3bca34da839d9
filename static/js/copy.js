import { toast } from "./toast.js";

// <button data-copy="text" hidden>: shown only where copying works.
export function watchCopies(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      toast("Đã chép");
    } catch {
      toast("Trình duyệt không cho chép; hãy bôi đen rồi chép tay");
    }
  });
}
