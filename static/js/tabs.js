// A strip of tabs wider than the screen opens at the tab one is on, not at its left end.
export function showCurrentTabs(root) {
  for (const strip of root.querySelectorAll(".tabs")) {
    const current = strip.querySelector("[aria-current]");
    if (!current) continue;
    const [frame, tab] = [strip, current].map((element) => element.getBoundingClientRect());
    strip.scrollLeft += tab.left + tab.width / 2 - (frame.left + frame.width / 2);
  }
}
