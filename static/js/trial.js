// A trial answers as the sliders move: the outcome is asked for again, the address follows, an older question is dropped.
const form = document.querySelector("[data-trial]");
const outcome = document.getElementById("outcome");
const WAIT_MS = 120;

if (form && outcome) {
  const group = new Intl.NumberFormat("vi-VN");
  let waiting = 0;
  let asking = null;

  const query = () => new URLSearchParams(new FormData(form)).toString();

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    outcome.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${form.dataset.trial}?${query()}`, { signal: asking.signal });
      if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
      outcome.innerHTML = await answer.text();
      outcome.removeAttribute("aria-busy");
      history.replaceState(null, "", `?${query()}`);
    } catch (fault) {
      if (fault.name !== "AbortError") form.submit(); // the whole page says what is wrong
    }
  };

  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, WAIT_MS);
  };

  for (const slide of form.querySelectorAll("[data-turns]")) {
    const field = form.elements[slide.dataset.turns];
    slide.hidden = false;
    const typed = () => Number(field.value.replace(/[^0-9]/g, ""));
    if (field.value) slide.value = typed();
    slide.addEventListener("input", () => {
      field.value = slide.dataset.turns.endsWith("vnd") || slide.dataset.turns === "k-least" ? group.format(slide.value) : slide.value;
    });
    field.addEventListener("input", () => {
      slide.value = typed();
    });
  }

  form.addEventListener("input", (event) => {
    if (event.target.name !== "policy") later();
  });
  form.elements.policy.addEventListener("change", () => {
    location.assign(`?policy=${encodeURIComponent(form.elements.policy.value)}`);
  });
}
