// Dialogs: data-opens="ID" opens one, data-closes closes the one around it; Escape does, too.
export function openDialogs() {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    else if (event.target.closest("[data-closes]")) event.target.closest("dialog").close();
  });
}
