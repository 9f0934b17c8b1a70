// The journal: how many changes are chosen.
const form = document.getElementById("chosen");
if (form) {
  const button = form.querySelector("[data-chosen]");
  const told = form.querySelector("[data-number]");
  const count = () => {
    const number = document.querySelectorAll('input[name="id"]:checked').length;
    button.disabled = number === 0;
    told.textContent = number ? `${told.dataset.some} ${number}` : told.dataset.none;
  };
  document.addEventListener("change", count);
  window.addEventListener("pageshow", count);
  count();
}
