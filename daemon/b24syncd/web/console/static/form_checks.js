// What is typed is checked by the console a moment after the last key, field by field.
import { send } from "./send.js";

const PAUSE = 400;

export function checkAsTyped(form) {
  const waiting = new Map();

  function begin(event, pause) {
    const part = event.target.closest("[data-field], [data-point]");
    if (!part || event.target.name === undefined || event.target.name.startsWith("keep:")) return;
    clearTimeout(waiting.get(part)?.timer);
    waiting.get(part)?.ends.abort();
    const ends = new AbortController();
    waiting.set(part, { ends, timer: setTimeout(() => check(form, part, ends.signal), pause) });
  }

  form.addEventListener("input", (event) => begin(event, PAUSE));
  form.addEventListener("change", (event) => begin(event, 0));
}

async function check(form, part, signal) {
  const fields = new URLSearchParams();
  const own = new Set([...part.querySelectorAll("[name]")]);
  for (const control of form.elements) {
    const isPicked = !["checkbox", "radio"].includes(control.type) || control.checked;
    if (own.has(control) && isPicked) fields.append(control.name, control.value);
  }
  const category = form.elements["f:categoryId:0"] ?? form.elements.category;
  fields.set("category", category.value);
  let answer;
  try {
    answer = await send(`/forms/${form.dataset.edit}/check`, fields, { signal });
  } catch {
    return; // something newer was typed
  }
  const said = answer[part.dataset.field ?? part.dataset.point];
  if (said) show(part, said);
}

function show(part, { problem, note }) {
  const error = part.querySelector("[data-error]");
  const hint = part.querySelector("[data-hint]");
  hint.usual ??= hint.classList.contains("row-saved") ? "" : hint.textContent;
  hint.classList.remove("row-saved");
  if (error.textContent !== problem) error.textContent = problem;
  hint.textContent = note || hint.usual;
  part.classList.toggle("row-wrong", problem !== "");
  for (const control of part.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (problem) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
  }
}
