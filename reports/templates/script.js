"use strict";
(() => {
  const scenarios = [...document.querySelectorAll(".scenario")];
  const buttons = [...document.querySelectorAll("[data-show]")];
  const search = document.querySelector(".filter input");
  let show = "all";
  const wanted = (outcome) =>
    show === "all" || (show === "open" ? !["passed", "failed"].includes(outcome) : outcome === show);
  const filter = () => {
    const words = search.value.toLowerCase();
    for (const one of scenarios)
      one.hidden = !wanted(one.dataset.outcome) || !one.textContent.toLowerCase().includes(words);
    for (const group of document.querySelectorAll(".rule, .feature"))
      group.hidden = !group.querySelector(".scenario:not([hidden])");
  };
  for (const button of buttons)
    button.addEventListener("click", () => {
      show = button.dataset.show;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      filter();
    });
  search?.addEventListener("input", filter);
  document.querySelector("[data-unfold]")?.addEventListener("click", ({ currentTarget }) => {
    const open = currentTarget.textContent.startsWith("Unfold");
    for (const one of scenarios) one.open = open;
    currentTarget.textContent = open ? "Fold all" : "Unfold all";
  });
  document.addEventListener("click", async ({ target }) => {
    if (!target.matches("[data-copy]")) return;
    const text = target.previousElementSibling;
    try {
      await navigator.clipboard.writeText(text.textContent);
      target.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text); // a file:// page may have no clipboard
    }
  });
  addEventListener("beforeprint", () => document.querySelectorAll("details:not(.exchange)").forEach((one) => (one.open = true)));
})();
