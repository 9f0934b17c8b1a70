// Reviews are decided one by one, by mouse or by keys; what became of them is told by what lives beside the list.
import { csrf, send, tell } from "./send.js";

const KEYS_OFF = "b24syncd-keys-off";
const PATIENCE = 2000;
const UNTIL_CHECKED = 250;
const list = document.getElementById("reviews");
const rows = [...(list?.querySelectorAll("tr[data-review]") ?? [])];
const rowOf = (id) => rows.find((row) => row.dataset.review === id);

// A review, with what stood in it when it was shown: nobody decides about what they have not seen.
const shownAs = (row) => `${row.dataset.review}.${row.dataset.stands}`;
const listOf = (ids) => ids.map((id) => shownAs(rowOf(id))).join(",");

// The review that keys are about.
let current = null;

function choose(row, isByKey = true) {
  current?.removeAttribute("aria-current");
  current = row ?? null;
  current?.setAttribute("aria-current", "true");
  if (!isByKey || !current) return;
  current.focus({ preventScroll: true });
  current.scrollIntoView({ block: "nearest" });
}

const isOpen = (row) => !row.dataset.became;

function step(by) {
  const at = current ? rows.indexOf(current) + by : 0;
  if (rows[at]) choose(rows[at]);
}

function goOn() {
  const at = rows.indexOf(current);
  const next = rows.slice(at + 1).find(isOpen) ?? rows.slice(0, at).find(isOpen);
  if (next) choose(next);
  else tellWhenAllAreDecided();
}

function tellWhenAllAreDecided() {
  const end = document.getElementById("all-decided");
  if (!end || rows.some(isOpen) || outbox.waiting.size || outbox.isPosting) return;
  const wasHidden = end.hidden;
  end.hidden = false;
  if (wasHidden) end.querySelector("a").focus();
}

// A row shows what became of its review: "" where it is open as before.
function show(row, became, text) {
  row.dataset.became = became;
  const place = row.querySelector(".became");
  if (!place) return;
  place.textContent = text;
  place.hidden = !text;
  const actions = row.querySelector(".decision-actions");
  const hadFocus = actions?.contains(document.activeElement);
  if (actions) actions.hidden = Boolean(became);
  const back = row.querySelector("[data-back]");
  if (back) back.hidden = became !== (back.dataset.do === "reopen" ? "dismissed" : "reopened");
  if (hadFocus && actions.hidden) row.focus({ preventScroll: true });
}

// What was decided leaves at once, and what is decided while that is written leaves together with the next.
const outbox = { waiting: new Map(), isSending: false, isPosting: false, concluded: null };

function decide(row, act) {
  const id = row.dataset.review;
  show(row, "writing", list.dataset.writing);
  outbox.waiting.set(id, act);
  sendWhatWaits();
}

async function sendWhatWaits() {
  if (outbox.isSending || !outbox.waiting.size) return;
  outbox.isSending = true;
  outbox.isPosting = true;
  const [, act] = outbox.waiting.entries().next().value;
  const ids = takeOf(act);
  const answer = await send(`/reviews/${act}`, { ids: listOf(ids) });
  outbox.isPosting = false;
  if (answer.error) {
    tell(answer.error, true);
    for (const id of ids) show(rowOf(id), "", answer.error);
  } else {
    for (const one of answer.decided) showDecided(one);
    tellWhenAllAreDecided();
    if (answer.decided.some((one) => !one.is_over)) await concluded(ids);
  }
  outbox.isSending = false;
  sendWhatWaits();
}

function takeOf(act) {
  const ids = [...outbox.waiting].filter(([, other]) => other === act).map(([id]) => id);
  for (const id of ids) outbox.waiting.delete(id);
  return ids;
}

// Wait until it is told what became of these, or for as long as a person would.
function concluded(ids) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE);
    outbox.concluded = () => {
      if (ids.some((id) => rowOf(id)?.dataset.became === "writing")) return;
      clearTimeout(timer);
      resolve();
    };
    outbox.concluded();
  });
}

// Who leaves the page has decided all the same.
addEventListener("pagehide", () => {
  for (const act of new Set(outbox.waiting.values())) {
    navigator.sendBeacon(`/reviews/${act}`, new URLSearchParams({ csrf: csrf(), ids: listOf(takeOf(act)) }));
  }
});

function showDecided({ review_id, became, text, stands }) {
  const row = rowOf(String(review_id));
  if (!row || outbox.waiting.has(row.dataset.review)) return;
  show(row, stands ? became : "", text);
}

// What lives tells of every decision lately, also of other people's; what was over before the page came is in its list.
const told = () => [...document.querySelectorAll("#decided > li")];
const overBefore = new Set(told().filter((one) => "over" in one.dataset).map((one) => one.dataset.number));

function listen() {
  for (const one of told()) {
    if (overBefore.has(one.dataset.number)) continue;
    const { review, became } = one.dataset;
    showDecided({ review_id: review, became, text: one.textContent, stands: "stands" in one.dataset });
  }
  outbox.concluded?.();
}

// What can be done about a review, by the button or the key for it.
const dialogOf = { other: document.getElementById("other"), exclude: document.getElementById("exclude") };

const acts = {
  accept(row) {
    if ("accepts" in row.dataset) return decideAndGoOn(row, "accept");
    tell(list.dataset.suggestsNothing);
    if ("edits" in row.dataset) acts.edit(row);
  },
  edit(row) {
    if (!("edits" in row.dataset)) return tell(list.dataset.noValue);
    openOther(row);
  },
  dismiss: (row) => decideAndGoOn(row, "dismiss"),
  reopen: (row) => decide(row, "reopen"),
  release: (row) => decideAndGoOn(row, "release"),
  exclude(row) {
    document.getElementById("exclude-item").textContent = row.querySelector(".why-where a").textContent;
    dialogOf.exclude.showModal();
  },
};

function decideAndGoOn(row, act) {
  decide(row, act);
  goOn();
}

list?.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-review]");
  if (!row) return;
  choose(row, false);
  const act = event.target.closest("[data-do]")?.dataset.do;
  if (act) acts[act](row);
});

// Another value: checked while it is typed, by what will read it.
const form = document.getElementById("other-form");
const value = document.getElementById("other-value");
let checking = null;

function openOther(row) {
  document.getElementById("other-now").replaceChildren(...row.querySelector("td").cloneNode(true).childNodes);
  form.reset();
  value.value = row.dataset.starts;
  dialogOf.other.showModal();
  value.select();
  check();
}

function tellCheck({ hint = "", error = "", asks = false }) {
  document.getElementById("other-value-hint").textContent = hint;
  document.getElementById("other-value-error").textContent = error;
  value.closest(".row").classList.toggle("row-wrong", Boolean(error));
  document.getElementById("other-as-is").hidden = !asks;
  if (!asks) form.elements.as_is.checked = false;
}

async function check() {
  checking?.abort();
  checking = new AbortController();
  try {
    const fields = { id: shownAs(current), value: value.value };
    const answer = await send("/reviews/check", fields, { signal: checking.signal });
    tellCheck(answer);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  }
}

let timer = 0;
value?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(check, UNTIL_CHECKED);
});

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(timer);
  checking?.abort();
  const row = current;
  const fields = new URLSearchParams(new FormData(form));
  fields.set("id", shownAs(row));
  const answer = await send(form.action, fields);
  if (answer.error) return tellCheck(answer);
  dialogOf.other.close();
  for (const one of answer.decided) showDecided(one);
  choose(row);
  goOn();
});

document.getElementById("exclude-form")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const row = current;
  const answer = await send(event.target.action, { item: row.dataset.item });
  if (answer.error) return tell(answer.error, true);
  dialogOf.exclude.close();
  tell(answer.message);
  for (const one of rows.filter((other) => other.dataset.item === row.dataset.item)) show(one, "excluded", answer.message);
  choose(row);
  goOn();
});

// Keys; those that type something, or belong to the browser, are left to it.
const byKey = { j: () => step(1), k: () => step(-1), a: "accept", e: "edit", d: "dismiss", x: "exclude" };

function letterOf(event) {
  if (/^[a-z?]$/i.test(event.key)) return event.key.toLowerCase();
  return event.code.startsWith("Key") ? event.code[3].toLowerCase() : ""; // another layout, such as Russian
}

function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  if (event.target.closest("input, select, textarea, dialog[open]") || document.querySelector("dialog[open]")) return;
  const letter = letterOf(event);
  if (letter === "?") document.getElementById("keys").showModal();
  else if (typeof byKey[letter] === "function") byKey[letter]();
  else if (byKey[letter] && current && isOpen(current)) acts[byKey[letter]](current);
  else return;
  event.preventDefault();
}

const keysOn = document.getElementById("keys-on");
if (keysOn) {
  keysOn.checked = !localStorage.getItem(KEYS_OFF);
  keysOn.addEventListener("change", () => (keysOn.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "yes")));
  document.addEventListener("keydown", (event) => {
    if (keysOn.checked || event.key === "?") onKey(event);
  });
}

for (const select of document.querySelectorAll("[data-sends]")) select.addEventListener("change", () => select.form.requestSubmit());

// Beside the list there is room for the groups; on a phone the list comes first.
const groups = document.getElementById("groups");
if (groups && matchMedia("(min-width: 60.01rem)").matches) groups.open = true;

document.addEventListener("lives", listen);
listen();
if (keysOn) choose(rows[0], false);
