// The box that explains a packet, from the form or from a link such as #explain?to=203.0.113.1:443.

const FIELDS = ["direction", "proto", "to", "port", "uid", "from", "interface"];
const LINK = "#explain?";

const form = document.getElementById("packet");
const answer = document.getElementById("answer");
const ruleset = JSON.parse(document.getElementById("ruleset").textContent);
const trace = new Trace(ruleset);

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

function fieldValues() {
  return Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));
}

function showProblems(problems) {
  for (const name of FIELDS) {
    const message = problems.get(name) ?? "";
    form.elements[name].setAttribute("aria-invalid", message === "" ? "false" : "true");
    document.getElementById(`${name}-problem`).textContent = message;
  }
  if (problems.size === 0) return;
  answer.replaceChildren(element("p", "The packet can't be read; see the fields."));
  form.elements[[...problems.keys()][0]].focus();
}

function outcomeWords({ outcome, port }) {
  switch (outcome) {
    case "redirected": return `redirected to port ${port} of this host`;
    case "dropped": return "dropped";
    default: return `${outcome}: not redirected`;
  }
}

function showAnswer(packet, note, explanation) {
  const { deciding, conntrackZone, steps, outcome } = explanation;
  const facts = [["packet", packetWords(packet)], ["outcome", outcomeWords(explanation)]];
  if (note !== null) facts.splice(1, 0, ["note", note]);
  if (deciding === null) {
    facts.push(["because", "no rule is about it"]);
  } else {
    facts.push(["because", `${deciding.reason} (${deciding.place})`]);
    facts.push(["key", `${deciding.key}, ${deciding.origin}`]);
  }
  if (conntrackZone !== 0) facts.push(["zone", `conntrack zone ${conntrackZone}`]);
  facts.push(["command", commandLine()]);
  const list = element("dl", undefined, outcome);
  for (const [name, text] of facts) list.append(element("dt", name), element("dd", text, name));
  answer.replaceChildren(list);
  if (steps.length === 0) return;
  const path = element("ol");
  for (const step of steps) {
    const item = element("li");
    item.append(
      element("span", step.place, "place"),
      element("span", `${step.condition}: ${step.action}`, "rule"),
      element("span", `${step.reason} [${step.key}]`, "reason"));
    path.append(item);
  }
  answer.append(element("h3", "Rules it met"), path);
}

/** Returns the fields that differ from their defaults, under the names of the options. */
function givenValues() {
  const defaults = { direction: "out", proto: "tcp" };
  return Object.entries(fieldValues())
    .filter(([name, value]) => value !== (defaults[name] ?? ""));
}

function commandLine() {
  const options = givenValues().map(([name, value]) =>
    `--${name} ${/^[A-Za-z0-9._:@-]+$/.test(value) ? value : `'${value}'`}`);
  return ["tproxy explain", ...options].join(" ");
}

function ask() {
  const reader = new PacketReader(fieldValues(), ruleset);
  const packet = reader.read();
  showProblems(reader.problems);
  if (packet !== null) showAnswer(packet, reader.note, trace.explain(packet));
}

function askLink() {
  if (!location.hash.startsWith(LINK)) return;
  const asked = new URLSearchParams(location.hash.slice(LINK.length));
  form.reset();
  for (const name of FIELDS.filter((one) => asked.has(one))) {
    form.elements[name].value = asked.get(name);
  }
  ask();
  document.getElementById("explain").scrollIntoView();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  history.replaceState(null, "", LINK + new URLSearchParams(givenValues()));
  ask();
});
window.addEventListener("hashchange", askLink);
form.hidden = false;
askLink();
