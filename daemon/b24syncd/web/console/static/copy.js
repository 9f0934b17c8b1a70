// data-copies="ID" copies what stands in a field, and says so.
import { tell } from "./send.js";

export function copyFields() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copies);
    field.select();
    await navigator.clipboard?.writeText(field.value);
    tell(button.dataset.told);
  });
}
