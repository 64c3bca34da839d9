// Every page loads this one module; each part finds what it serves by data- attributes and leaves the rest alone.
// All of it is comfort: without script every form, menu and list still works.
import { watchConfirms } from "./dialog.js";
import { watchCopies } from "./copy.js";
import { watchDrops } from "./file-drop.js";
import { watchFilters } from "./filter-submit.js";
import { watchMenus } from "./menu.js";
import { watchPrintButtons } from "./print-button.js";
import { watchProgress } from "./progress.js";
import { showCurrentTabs } from "./tabs.js";

watchMenus(document);
watchConfirms(document);
watchCopies(document);
watchDrops(document);
watchFilters(document);
watchProgress(document);
watchPrintButtons(document);
showCurrentTabs(document);

// The summary of errors gets the focus, so that a reader by ear hears it first.
document.querySelector("[data-focus]")?.focus();

// A form is sent once, however often the button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 10_000) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = String(Date.now());
});

// Back from the next page: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
