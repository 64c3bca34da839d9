// The picture of a market hall follows the figures as they are typed.
const form = document.querySelector("[data-preview]");
const picture = document.getElementById("plan-preview");

if (form && picture) {
  form.querySelector("[data-noscript]")?.remove();
  let waiting = 0;
  const show = () => {
    const typed = new URLSearchParams(new FormData(form));
    typed.delete("csrf_token");
    picture.src = `${form.dataset.preview}?${typed}`;
  };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 200);
  });
}
