// The edit form: what was changed is counted, checked as it is typed, and sent alone; the answer takes the form's place.
import { checkAsTyped } from "./form_checks.js";
import { openEntries } from "./form_entries.js";
import { openPickers } from "./form_pickers.js";
import { openPipelines } from "./form_pipelines.js";
import { send, tell } from "./send.js";

const place = document.getElementById("form-place");
const told = place.dataset;
let form = null;
let isLeaving = false;

// The parts of a form that are changed or not: fields, phones and e-mails.
const PARTS = "[data-field], [data-point]";

function standing(part) {
  const controls = [...part.querySelectorAll("input, select, textarea")].filter((one) => one.name && !("shown" in one.dataset));
  const named = controls.filter((one) => (one.type === "checkbox" || one.type === "radio" ? one.checked : true));
  return JSON.stringify(named.map((one) => one.value).filter((value) => value !== ""));
}

function remember() {
  for (const part of form.querySelectorAll(PARTS)) part.before = "changed" in part.dataset ? null : standing(part);
}

// What was added since has no value before: it is changed as soon as something stands in it.
function isChanged(part) {
  if ("deleted" in part.dataset) return true;
  const [value] = part.querySelectorAll('input[name$=":value"]');
  if (value && "point" in part.dataset && part.dataset.point.includes(":n")) return value.value.trim() !== "";
  return part.before !== standing(part);
}

function changes() {
  return [...form.querySelectorAll(PARTS)].filter(isChanged);
}

function count() {
  const changed = new Set(changes());
  for (const part of form.querySelectorAll(PARTS)) part.classList.toggle("is-changed", changed.has(part));
  const said = changed.size ? `${told.changes} ${changed.size}` : told.none;
  const line = form.querySelector("[data-told]");
  if (line.textContent !== said) line.textContent = said;
}

// Only what was changed is sent, with what the form showed of it.
function sent() {
  const fields = new FormData(form);
  const kept = new FormData();
  const changed = changes();
  const names = new Set(changed.flatMap((part) => [...part.querySelectorAll("[name]")].map((one) => one.name)));
  for (const [name, value] of fields) {
    const isOfField = /^(f|point|shown|asks|keep):/.test(name);
    if (!isOfField || names.has(name)) kept.append(name, value);
  }
  return kept;
}

async function save() {
  if (form.inert) return;
  form.inert = true;
  form.querySelector("[data-told]").textContent = told.saving;
  const answer = await send(form.action, sent());
  form.inert = false;
  if (answer.error) {
    count();
    tell(answer.error, true);
    return;
  }
  if (answer.go) {
    isLeaving = true;
    if (answer.message) sessionStorage.setItem("b24syncd-told", answer.message);
    location.assign(answer.go);
    return;
  }
  const made = document.createElement("template");
  made.innerHTML = answer.html;
  place.replaceChildren(made.content);
  open();
  const wrong = [...place.querySelectorAll("[data-error]")].find((one) => one.textContent !== "");
  const asked = place.querySelector(".asks input");
  const control = wrong?.closest(PARTS)?.querySelector("input:not([type=hidden]), select, textarea");
  const outcome = place.querySelector("[data-outcome]");
  const target = control ?? asked ?? outcome;
  target?.closest("details")?.setAttribute("open", "");
  target?.focus();
  target?.scrollIntoView({ block: target === outcome ? "nearest" : "center" });
}

// Cards with the same phone or e-mail are shown before a new one is made.
let askedFor = "";
async function duplicates() {
  const box = form.querySelector("#duplicates");
  if (!box) return;
  const points = [...new FormData(form)].filter(([name, value]) => name.startsWith("point:") && value !== "");
  const typed = JSON.stringify(points.filter(([name]) => name.endsWith(":value")));
  if (typed === askedFor) return;
  askedFor = typed;
  const answer = await send(`/forms/${form.dataset.edit}/duplicates`, new URLSearchParams(points));
  if (typed !== askedFor || answer.html === undefined) return;
  const made = document.createElement("template");
  made.innerHTML = answer.html;
  box.replaceChildren(made.content);
}

function open() {
  form = place.querySelector("form[data-edit]");
  openEntries(form, told);
  openPickers(form, told);
  openPipelines(form);
  for (const button of form.querySelectorAll("[data-ticks]")) {
    button.hidden = false;
    button.addEventListener("click", () => tick(button.dataset.ticks));
  }
  remember();
  checkAsTyped(form);
  form.addEventListener("input", count);
  form.addEventListener("change", count);
  form.addEventListener("change", (event) => {
    if (event.target.name?.startsWith("point:")) duplicates();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  count();
}

function tick(name) {
  const control = form.querySelector(`#${CSS.escape(`f-${name}`)}`);
  control.closest("details")?.setAttribute("open", "");
  if (control.type === "checkbox") control.checked = true;
  else control.value = "yes";
  control.dispatchEvent(new Event("change", { bubbles: true }));
  control.focus();
}

open();

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyS" && !event.altKey) {
    event.preventDefault();
    save();
  }
});
addEventListener("beforeunload", (event) => {
  if (!isLeaving && changes().length > 0) event.preventDefault();
});
