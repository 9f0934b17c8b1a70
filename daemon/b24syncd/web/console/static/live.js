// What lives on a page: <div data-live="TOPIC"> follows the console's /events, while somebody looks.
import { change } from "./morph.js";
import { localTimes } from "./times.js";

const AGAIN = 3000;

export function follow() {
  const place = document.querySelector("[data-live]");
  if (!place) return;
  const asked = new URLSearchParams(location.search);
  asked.set("topic", place.dataset.live);
  let source = null;
  let again = 0;

  function end() {
    clearTimeout(again);
    source?.close();
    source = null;
  }

  function begin() {
    end();
    source = new EventSource(`/events?${asked}`);
    source.addEventListener("open", () => place.removeAttribute("data-stale"));
    source.addEventListener("snapshot", (event) => show(place, JSON.parse(event.data)));
    source.addEventListener("over", () => location.reload());
    source.addEventListener("away", lost);
    source.addEventListener("error", lost);
  }

  // The service may be restarting, or the session over: the page itself tells which.
  function lost() {
    end();
    place.setAttribute("data-stale", "");
    again = setTimeout(async () => {
      const status = await fetch(location.href, { headers: { Accept: "application/json" } }).then((answer) => answer.status, () => 0);
      if (status === 401) location.reload();
      else if (document.visibilityState === "visible") begin();
    }, AGAIN);
  }

  // Browsers open few connections to one host: a page that nobody looks at gives its own back.
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? begin() : end()));
  begin();
}

function show(place, html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  localTimes(made.content);
  change(place, made.content);
  place.dispatchEvent(new CustomEvent("lives", { bubbles: true }));
}
