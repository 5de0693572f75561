// Reads a packet from one line, as explain --packets does: out tcp uid=1000 to=203.0.113.1:443.

const DEFAULTS = { direction: "out", proto: "tcp", to: "", port: "", uid: "", from: "", interface: "" };
const FIELD_OF_WORD = {
  uid: "uid", from: "from", to: "to", port: "port", via: "interface", on: "interface",
  interface: "interface",
};

/** Returns the fields of the line, and its problems by field. */
function readLine(line) {
  const fields = { ...DEFAULTS };
  const problems = new Map();
  const given = new Set();
  for (const word of line.split("#")[0].split(/[ \t]+/).filter((one) => one !== "")) {
    const equals = word.indexOf("=");
    const bare = given.has("direction") ? "proto" : "direction";
    const field = equals < 0 ? bare : FIELD_OF_WORD[word.slice(0, equals)];
    if (field === undefined) {
      problems.set("line", `'${word}' is no field; give ${Object.keys(FIELD_OF_WORD).join(", ")}`);
    } else if (given.has(field)) {
      problems.set("line", `'${word}' repeats a field; give each once`);
    } else {
      given.add(field);
      fields[field] = word.slice(equals + 1);
    }
  }
  return { fields, problems };
}

/** Returns the line of the fields; those with their default are left out. */
function lineOf(fields) {
  const interfaceWord = fields.direction === "in" ? "on" : "via";
  const words = [["uid", "uid"], ["from", "from"], ["to", "to"], ["port", "port"], ["interface", interfaceWord]]
    .filter(([field]) => fields[field] !== "")
    .map(([field, word]) => `${word}=${fields[field]}`);
  return [fields.direction, fields.proto, ...words].join(" ");
}
