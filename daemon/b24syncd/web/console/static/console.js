// What every page does: dialogs, forms that are sent without leaving the page, times in the browser's zone, what lives.
import { copyFields } from "./copy.js";
import { openDialogs } from "./dialogs.js";
import { follow } from "./live.js";
import { sendForms, tellKept } from "./send.js";
import { localTimes } from "./times.js";

localTimes(document);
openDialogs();
copyFields();
sendForms();
tellKept();
follow();
showSection();

// On a phone the section that is open may lie out of sight. Tab would go on from what `scrollIntoView` shows (Chromium 150).
function showSection() {
  const current = document.querySelector(".sections [aria-current]");
  const row = current?.closest(".sections");
  if (row) row.scrollLeft = current.offsetLeft - row.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;
}
