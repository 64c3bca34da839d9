// "In phiếu": the browser's own print dialog. Without script the button stays hidden and the menu prints.
export function watchPrintButtons(root) {
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
