// Forms with data-send are sent without leaving the page. The answer is JSON: { message, go } or { error }.
const KEPT = "b24syncd-told";

export function csrf() {
  return document.querySelector('meta[name="csrf"]')?.content ?? "";
}

// Ask the console to do something; returns what it answers, { error } where it did not.
export async function send(address, fields, { signal } = {}) {
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRF-Token": csrf() },
      body: fields instanceof Blob || typeof fields === "string" ? fields : new URLSearchParams(fields),
      redirect: "error",
      signal,
    });
    if (answer.status === 401) location.reload();
    return await answer.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { error: document.documentElement.lang === "ru" ? "Консоль не отвечает." : "The console does not answer." };
  }
}

// Tell the person something at the edge of the page.
export function tell(text, isWrong = false) {
  const place = document.getElementById("told");
  const line = document.createElement("p");
  line.className = isWrong ? "told-line told-wrong" : "told-line";
  line.textContent = text;
  place.append(line);
  setTimeout(() => line.remove(), isWrong ? 15000 : 6000);
}

export function tellKept() {
  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (kept) tell(kept);
}

export function sendForms() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-send]")) return;
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    const buttons = [...form.querySelectorAll("button")].filter((button) => !button.disabled);
    for (const button of buttons) button.disabled = true;
    const answer = await send(form.action, fields);
    for (const button of buttons) button.disabled = false;
    if (answer.error) {
      tell(answer.error, true);
      form.dispatchEvent(new CustomEvent("refused", { bubbles: true, detail: answer }));
      return;
    }
    form.closest("dialog")?.close();
    if (answer.go) {
      if (answer.message) sessionStorage.setItem(KEPT, answer.message);
      if (answer.go === location.pathname + location.search) location.reload();
      else location.assign(answer.go);
      return;
    }
    if (answer.message) tell(answer.message);
    form.dispatchEvent(new CustomEvent("done", { bubbles: true, detail: answer }));
  });
}
