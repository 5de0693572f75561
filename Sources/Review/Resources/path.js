// Marks the path of a packet in the pictures, and the rules that it meets in the tables.

/** Reads a place such as `chain OUTBOUND, rule 5`. */
function placeOf(text) {
  const end = text.lastIndexOf(", rule ");
  return { list: text.slice(0, end), number: Number(text.slice(end + ", rule ".length)) };
}

/** Returns whether the row of a picture or a table is, or contains, the rule of this number. */
function isRowOf(row, number) {
  return Number(row.dataset.number) <= number && number <= Number(row.dataset.last);
}

function clearPath() {
  for (const marked of document.querySelectorAll(".met, .asked")) {
    marked.classList.remove("met", "asked", "deciding");
  }
}

/** Marks the steps of an explanation on one hook. */
function showPath(hook, steps, deciding) {
  clearPath();
  const places = steps.map((step) => placeOf(step.place));
  for (const picture of document.querySelectorAll("svg.flow")) {
    if (picture.dataset.hook === hook) markPicture(picture, places);
  }
  for (const step of steps) {
    const row = ruleRow(placeOf(step.place));
    row?.classList.add("met");
    if (step === deciding) row?.classList.add("deciding");
  }
}

/** Returns the row of a rule in the tables; null if there is none. */
function ruleRow({ list, number }) {
  const tables = [...document.querySelectorAll("table.rules")];
  const rows = tables.filter((table) => table.dataset.list === list)
    .flatMap((table) => [...table.querySelectorAll("tr[data-last]")]);
  return rows.find((row) => isRowOf(row, number)) ?? null;
}

/** Follows the steps from node to node; a node without a step is left by its last arrow. */
function markPicture(picture, places) {
  picture.classList.add("asked");
  const nodes = new Map([...picture.querySelectorAll(".node")].map((one) => [one.dataset.node, one]));
  const ways = [...picture.querySelectorAll(".way")];
  let [node] = nodes.values();
  node?.classList.add("met");
  function leave(number, target) {
    const name = `${node.dataset.node}:${number}`;
    ways.find((way) => way.dataset.way === name)?.classList.add("met");
    node = nodes.get(target);
    node?.classList.add("met");
  }
  function leaveByLastArrow() {
    node.querySelector(".row[data-number='0']")?.classList.add("met");
    leave(0, node.dataset.next);
  }
  for (const { list, number } of places) {
    const rowHere = () => node.dataset.list === list
      && [...node.querySelectorAll("a.row")].find((row) => isRowOf(row, number));
    while (node !== undefined && !rowHere()) leaveByLastArrow();
    if (node === undefined) return;
    const row = rowHere();
    row.classList.add("met");
    if (row.dataset.target !== "") leave(row.dataset.number, row.dataset.target);
    if (node === undefined) return;
  }
  while (node !== undefined && node.dataset.next !== "") leaveByLastArrow();
}
