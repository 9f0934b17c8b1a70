// What an undo would do is asked for as soon as its page is there: the portal is read for it.
import { send } from "./send.js";
import { localTimes } from "./times.js";

const place = document.getElementById("ahead");
if (place) {
  const answer = await send("/undo/preview", Object.fromEntries(new FormData(document.getElementById("undo"))));
  place.removeAttribute("aria-busy");
  if (answer.error) {
    const text = document.createElement("p");
    text.className = "row-error";
    text.textContent = `${place.dataset.failed} ${answer.error}`;
    place.replaceChildren(text);
  } else {
    place.innerHTML = answer.html;
    localTimes(place);
  }
}
