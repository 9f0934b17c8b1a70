// The stages that can be chosen are those of the chosen pipeline; a card that changes it begins at its first stage.
export function openPipelines(form) {
  const pipelines = form.querySelector("select[data-pipelines]");
  const stages = form.querySelector("select[data-stages]");
  const groups = stages ? [...stages.querySelectorAll("optgroup")] : [];
  if (!groups.length) return;

  function show(category, isChosen) {
    const before = stages.value;
    for (const group of groups) group.remove();
    const own = groups.find((group) => group.dataset.category === category);
    if (own) stages.append(own);
    const isOffered = [...stages.options].some((option) => option.value === before);
    if (isOffered) stages.value = before;
    else stages.selectedIndex = 0;
    if (isChosen) stages.dispatchEvent(new Event("change", { bubbles: true }));
  }

  show(pipelines?.value ?? form.elements.category.value, false);
  pipelines?.addEventListener("change", () => show(pipelines.value, true));
}
