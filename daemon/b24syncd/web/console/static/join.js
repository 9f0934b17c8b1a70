// The key of an invitation stands in the fragment of the address, which is sent nowhere; a click sends it.
const key = location.hash.slice(1);
if (key) {
  history.replaceState(null, "", location.pathname);
  document.getElementById("key").value = key;
  document.getElementById("invited").hidden = false;
  document.getElementById("uninvited").hidden = true;
}
