// Fields of several values, phones and e-mails: entries are added and removed.
let made = 0;

export function openEntries(form, told) {
  for (const adds of form.querySelectorAll("[data-adds]")) {
    const list = adds.parentElement.querySelector("[data-entries]");
    adds.hidden = false;
    adds.addEventListener("click", () => add(list));
    for (const entry of list.querySelectorAll("[data-entry]")) openEntry(entry, told, list);
  }

  function add(list) {
    const last = list.querySelector("[data-entry]:last-of-type");
    const entry = last.cloneNode(true);
    made += 1;
    rename(entry, 1000 + made);
    entry.classList.remove("is-changed", "row-wrong", "is-deleted");
    delete entry.dataset.deleted;
    delete entry.dataset.changed;
    for (const line of entry.querySelectorAll("[data-hint], [data-error]")) line.replaceChildren();
    for (const part of entry.querySelectorAll('.asks, [name^="asks:"]')) part.remove();
    list.append(entry);
    openEntry(entry, told, list);
    const control = entry.querySelector("input:not([type=hidden]), select, textarea");
    control.focus();
  }
}

// Every name and id of a new entry has a number that no other has.
function rename(entry, number) {
  const isPoint = "point" in entry.dataset;
  const old = isPoint ? entry.dataset.point : null;
  const fresh = isPoint ? `${old.split(":")[0]}:n${number}` : null;
  if (isPoint) entry.dataset.point = fresh;
  for (const control of entry.querySelectorAll("[name]")) {
    control.name = isPoint ? control.name.replace(old, fresh) : control.name.replace(/^(f:[^:]*):\d+/, `$1:${number}`);
    if (control.tagName === "SELECT") control.selectedIndex = 0;
    else if (control.type !== "checkbox") control.value = "";
    for (const name of ["aria-invalid", "readonly", "placeholder"]) control.removeAttribute(name);
    if (control.ariaLabel) control.ariaLabel = control.ariaLabel.replace(/\d+$/, entryNumber(entry));
  }
  for (const one of entry.querySelectorAll("[id]")) {
    const id = one.id;
    one.id = `${id.replace(/-x\d+.*$/, "")}-x${number}${id.match(/-(hint|error)$/)?.[0] ?? ""}`;
    for (const other of entry.querySelectorAll("[aria-describedby]")) {
      const ids = other.getAttribute("aria-describedby").split(" ").map((each) => (each === id ? one.id : each));
      other.setAttribute("aria-describedby", ids.join(" "));
    }
  }
}

function entryNumber(entry) {
  const seen = document.querySelectorAll(`[data-point^="${entry.dataset.point?.split(":")[0] ?? ""}:"]`);
  return entry.dataset.point ? seen.length + 1 : made + 1;
}

// A known phone or e-mail is struck out until the form is saved; whatever else is removed goes at once.
function openEntry(entry, told, list) {
  const drops = entry.querySelector("[data-drops]");
  drops.hidden = false;
  drops.textContent = "×";
  drops.ariaLabel = drops.title = told.remove;
  drops.addEventListener("click", () => {
    const isKnown = "point" in entry.dataset && !entry.dataset.point.includes(":n");
    if (isKnown) strike(entry, drops, told);
    else if (list.querySelectorAll("[data-entry]").length > 1) remove(entry, list);
    else for (const control of entry.querySelectorAll("input:not([type=hidden]), textarea")) control.value = "";
    list.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

function remove(entry, list) {
  const next = entry.nextElementSibling ?? entry.previousElementSibling;
  entry.remove();
  (next ?? list).querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function strike(entry, drops, told) {
  const control = entry.querySelector('input[name$=":value"]');
  const isDeleted = "deleted" in entry.dataset;
  if (isDeleted) {
    control.value = entry.dataset.deleted;
    delete entry.dataset.deleted;
  } else {
    entry.dataset.deleted = control.value;
    control.value = "";
  }
  control.readOnly = !isDeleted;
  control.placeholder = isDeleted ? "" : entry.dataset.deleted;
  entry.classList.toggle("is-deleted", !isDeleted);
  entry.querySelector("[data-hint]").textContent = isDeleted ? "" : told.removed;
  entry.querySelector("[data-error]").textContent = "";
  drops.textContent = isDeleted ? "×" : "↺";
  drops.ariaLabel = drops.title = isDeleted ? told.remove : told.keep;
}
