// Links and users: found by what is typed, chosen from a list by keys or by hand (the ARIA pattern of a combobox).
import { send } from "./send.js";

const PAUSE = 250;

export function openPickers(form, told) {
  for (const picker of form.querySelectorAll("[data-picker]")) openPicker(form, picker, told);
}

function openPicker(form, picker, told) {
  const name = picker.dataset.picker;
  const isMultiple = "multiple" in picker.dataset;
  const picked = picker.querySelector("[data-picked]");
  const box = picker.querySelector(".combo");
  const input = box.querySelector("input");
  const list = box.querySelector("[role=listbox]");
  const count = box.querySelector("[data-count]");
  let number = picked.children.length;
  let timer = 0;
  let ends = null;
  let at = -1;

  box.hidden = false;
  for (const chip of picked.children) openChip(chip);

  function openChip(chip) {
    const drops = chip.querySelector("[data-drops-chip]");
    drops.hidden = false;
    drops.addEventListener("click", () => {
      chip.remove();
      changed();
      input.focus();
    });
  }

  function changed() {
    picked.querySelector("input")?.dispatchEvent(new Event("change", { bubbles: true }));
    picker.querySelector("input[name]") ?? input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function close() {
    clearTimeout(timer);
    ends?.abort();
    list.hidden = true;
    list.replaceChildren();
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    at = -1;
  }

  async function search() {
    ends?.abort();
    ends = new AbortController();
    const text = input.value.trim();
    if (!text) return close();
    count.textContent = told.searching;
    let answer;
    try {
      answer = await send(`/forms/${form.dataset.edit}/search`, { field: name, text }, { signal: ends.signal });
    } catch {
      return undefined; // something newer was typed
    }
    show(answer.found ?? [], answer.error);
    return undefined;
  }

  function show(found, error) {
    at = -1;
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren(...found.map(option));
    if (!found.length) {
      const nothing = document.createElement("li");
      nothing.className = "combo-nothing";
      nothing.setAttribute("role", "option");
      nothing.setAttribute("aria-disabled", "true");
      nothing.textContent = error ?? told.nothing;
      list.append(nothing);
    }
    count.textContent = found.length ? `${told.found} ${found.length}` : (error ?? told.nothing);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
  }

  function option(one, index) {
    const line = document.createElement("li");
    line.id = `${list.id}-${index}`;
    line.className = "combo-option";
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", "false");
    const title = document.createElement("bdi");
    title.textContent = one.title;
    const detail = document.createElement("span");
    detail.className = "muted";
    detail.textContent = one.detail ?? "";
    line.append(title, " ", detail);
    line.addEventListener("mousedown", (event) => event.preventDefault());
    line.addEventListener("click", () => choose(one));
    line.chosen = one;
    return line;
  }

  function choose(one) {
    if (!isMultiple) picked.replaceChildren();
    const values = [...picked.querySelectorAll("input")].map((each) => each.value);
    if (!values.includes(one.value)) picked.append(chipOf(one));
    input.value = "";
    close();
    changed();
  }

  function chipOf(one) {
    const chip = document.createElement("li");
    chip.className = "chip";
    const title = document.createElement(one.url ? "a" : "bdi");
    title.textContent = one.title;
    if (one.url) Object.assign(title, { href: one.url, target: "_blank", rel: "noreferrer" });
    const value = Object.assign(document.createElement("input"), { type: "hidden", name: `f:${name}:${number}`, value: one.value });
    const drops = Object.assign(document.createElement("button"), { type: "button", className: "chip-drop", textContent: "×", hidden: true });
    drops.setAttribute("data-drops-chip", "");
    drops.ariaLabel = `${told.remove}: ${one.title}`;
    number += 1;
    chip.append(title, value, drops);
    openChip(chip);
    return chip;
  }

  function move(to) {
    const options = [...list.querySelectorAll(".combo-option")];
    if (!options.length) return;
    options[at]?.setAttribute("aria-selected", "false");
    at = (to + options.length) % options.length;
    options[at].setAttribute("aria-selected", "true");
    options[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[at].id);
  }

  input.addEventListener("input", (event) => {
    event.stopPropagation(); // what is searched for is no value of the form
    clearTimeout(timer);
    timer = setTimeout(search, PAUSE);
  });
  input.addEventListener("blur", () => {
    input.value = "";
    close();
  });
  input.addEventListener("keydown", (event) => {
    const options = [...list.querySelectorAll(".combo-option")];
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at < 0 ? -1 : at - 1);
    else if (event.key === "Enter") {
      const one = options[at] ?? (options.length === 1 ? options[0] : null);
      if (one) choose(one.chosen);
    } else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Backspace" && input.value === "" && picked.lastElementChild) picked.lastElementChild.querySelector("button").focus();
    else return;
    event.preventDefault();
  });
}
