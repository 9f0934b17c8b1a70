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
document.querySelector(".sections [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
