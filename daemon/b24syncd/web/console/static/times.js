// Times are told in the browser's zone.
export function localTimes(root) {
  const language = document.documentElement.lang;
  const own = navigator.languages.find((one) => one.split("-")[0] === language) ?? language;
  const format = new Intl.DateTimeFormat(own === "en" ? "en-GB" : own, { dateStyle: "medium", timeStyle: "medium" });
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.textContent = format.format(moment);
    time.title = time.dateTime;
  }
}
