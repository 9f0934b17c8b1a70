// Change a part of the page into what the console rendered, keeping what is the same: focus, selections, open details.
function isAlike(one, other) {
  return one.nodeType === other.nodeType && one.nodeName === other.nodeName && (one.id ?? "") === (other.id ?? "");
}

export function change(place, wanted) {
  const before = [...place.childNodes];
  const after = [...wanted.childNodes];
  after.forEach((node, index) => {
    const old = before[index];
    if (!old) place.append(node);
    else if (!isAlike(old, node)) old.replaceWith(node);
    else if (node.nodeType === Node.ELEMENT_NODE) changeElement(old, node);
    else if (old.nodeValue !== node.nodeValue) old.nodeValue = node.nodeValue;
  });
  for (const old of before.slice(after.length)) old.remove();
}

function changeElement(old, wanted) {
  for (const { name } of [...old.attributes]) {
    const isKept = name === "open" && ["DETAILS", "DIALOG"].includes(old.nodeName);
    if (!wanted.hasAttribute(name) && !isKept) old.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  if (!["INPUT", "TEXTAREA", "SELECT"].includes(old.nodeName)) change(old, wanted);
}
