// A file of decisions is sent as it is; the page then shows what it would do.
import { send, tell } from "./send.js";

document.getElementById("import").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [file] = document.getElementById("file").files;
  const button = event.submitter;
  button.disabled = true;
  const answer = await send(event.target.action, new Blob([file], { type: "text/csv" }));
  button.disabled = false;
  if (answer.error) tell(answer.error, true);
  else location.reload();
});
