// The question about a packet, from its line or from a link such as #explain?to=203.0.113.1:443.

const LINK = "#explain?";

const form = document.getElementById("packet");
const input = document.getElementById("line");
const answer = document.getElementById("answer");
const ruleset = JSON.parse(document.getElementById("ruleset").textContent);
const trace = new Trace(ruleset);

function element(name, content, className) {
  const made = document.createElement(name);
  if (content !== undefined) made.append(content);
  if (className !== undefined) made.className = className;
  return made;
}

function showProblems(problems) {
  input.setAttribute("aria-invalid", problems.size > 0 ? "true" : "false");
  document.getElementById("problems").replaceChildren(...[...problems].map(([name, message]) => {
    const item = element("li", message, "problem");
    item.id = `${name}-problem`;
    return item;
  }));
  if (problems.size === 0) return;
  clearPath();
  answer.replaceChildren();
  input.focus();
}

function outcomeWords({ outcome, port }) {
  switch (outcome) {
    case "redirected": return `redirected to port ${port} of this host`;
    case "dropped": return "dropped";
    default: return `${outcome}: not redirected`;
  }
}

/** Returns the place of a rule as a link to its row in the tables. */
function placeLink(place) {
  const row = ruleRow(placeOf(place));
  if (row === null) return place;
  const link = element("a", place);
  link.href = `#${row.id}`;
  return link;
}

function showAnswer(fields, packet, note, explanation) {
  const { deciding, conntrackZone, steps, outcome } = explanation;
  const facts = [["packet", packetWords(packet)], ["outcome", outcomeWords(explanation)]];
  if (note !== null) facts.splice(1, 0, ["note", note]);
  if (deciding === null) {
    facts.push(["because", "no rule is about it"]);
  } else {
    const because = element("span", `${deciding.reason} (`);
    because.append(placeLink(deciding.place), ")");
    facts.push(["because", because]);
    facts.push(["key", `${deciding.key}, ${deciding.origin}`]);
  }
  if (conntrackZone !== 0) facts.push(["zone", `conntrack zone ${conntrackZone}`]);
  facts.push(["command", commandLine(fields)]);
  const list = element("dl", undefined, outcome);
  for (const [name, text] of facts) list.append(element("dt", name), element("dd", text, name));
  answer.replaceChildren(list);
  if (steps.length > 0) answer.append(metRules(steps));
  showPath(packet.direction === "out" ? "output" : "prerouting", steps, deciding);
}

function metRules(steps) {
  const path = element("ol");
  for (const step of steps) {
    const item = element("li");
    item.append(
      element("span", placeLink(step.place), "place"),
      element("span", `${step.condition}: ${step.action}`, "rule"),
      element("span", `${step.reason} [${step.key}]`, "reason"));
    path.append(item);
  }
  const details = element("details", element("summary", `Rules it met: ${steps.length}`));
  details.append(path);
  return details;
}

/** Returns the fields that differ from their defaults, under the names of the options. */
function givenValues(fields) {
  return Object.entries(fields).filter(([name, value]) => value !== DEFAULTS[name]);
}

function commandLine(fields) {
  const options = givenValues(fields).map(([name, value]) =>
    `--${name} ${/^[A-Za-z0-9._:@-]+$/.test(value) ? value : `'${value}'`}`);
  return ["tproxy explain", ...options].join(" ");
}

function ask() {
  const { fields, problems } = readLine(input.value);
  const reader = new PacketReader(fields, ruleset);
  const packet = problems.size > 0 ? null : reader.read();
  const all = problems.size > 0 ? problems : reader.problems;
  showProblems(all);
  if (all.size === 0) showAnswer(fields, packet, reader.note, trace.explain(packet));
}

function askLink() {
  if (!location.hash.startsWith(LINK)) return;
  const asked = new URLSearchParams(location.hash.slice(LINK.length));
  const given = Object.keys(DEFAULTS).filter((name) => asked.has(name));
  input.value = lineOf({
    ...DEFAULTS, ...Object.fromEntries(given.map((name) => [name, asked.get(name).trim()])),
  });
  ask();
  document.getElementById("explain").scrollIntoView();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { fields } = readLine(input.value);
  history.replaceState(null, "", LINK + new URLSearchParams(givenValues(fields)));
  ask();
});
window.addEventListener("hashchange", askLink);
form.hidden = false;
askLink();
