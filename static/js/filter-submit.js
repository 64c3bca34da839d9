// <form data-filter>: a changed select or tick sends the filter at once (not inside [data-later]: its own button does); empty
// fields stay out of the address.
export function watchFilters(root) {
  for (const form of root.querySelectorAll("form[data-filter]")) {
    form.addEventListener("change", (event) => {
      if (event.target.closest("[data-later]")) return;
      if (event.target.matches('select, input[type="checkbox"], input[type="radio"]')) form.requestSubmit();
    });
    form.addEventListener("submit", () => {
      const empty = [...form.elements].filter((part) => part.name && !part.value);
      for (const part of empty) part.disabled = true;
      setTimeout(() => empty.forEach((part) => (part.disabled = false)), 0);
    });
  }
}
