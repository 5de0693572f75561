// The sets of the ruleset, each parsed at its first lookup.

/** Decodes texts, each written as the length kept of its predecessor and the rest. */
function frontCodedTexts(pairs) {
  const texts = [];
  for (let index = 0; index < pairs.length; index += 2) {
    const before = texts.length > 0 ? texts[texts.length - 1] : "";
    texts.push(before.slice(0, pairs[index]) + pairs[index + 1]);
  }
  return texts;
}

/** Reads `80` or `80-90`. */
function numberRange(text) {
  const [first, last = first] = text.split("-").map(Number);
  return { first, last };
}

function isInRange(range, value) {
  return range.first <= value && value <= range.last;
}

/** Returns sorted, disjoint ranges for a binary search. */
function mergedRanges(ranges) {
  const sorted = [...ranges].sort((one, other) =>
    (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
  const merged = [];
  for (const range of sorted) {
    const before = merged[merged.length - 1];
    if (before === undefined || range.first > before.last) merged.push({ ...range });
    else if (range.last > before.last) before.last = range.last;
  }
  return merged;
}

function isInMerged(ranges, value) {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value < ranges[middle].first) high = middle;
    else low = middle + 1;
  }
  return low > 0 && value <= ranges[low - 1].last;
}

/** Reads an item of excludePortsForUIDs such as `tcp,udp:80,443:1000-1999`. */
function ownedFlow(text) {
  const [protocols, ports, owners] = text.split(":").map((part) => part.split(","));
  return { protocols, ports: ports.map(numberRange), owners: owners.map(numberRange) };
}

function flowHolds(flow, packet) {
  return packet.owner !== null && flow.protocols.includes(packet.transport)
    && flow.ports.some((range) => isInRange(range, packet.destinationPort))
    && flow.owners.some((range) => isInRange(range, packet.owner));
}

/** The sets by name; each is parsed when a packet first needs it. */
class SetIndex {
  #written;
  #read = new Map();

  constructor(written) {
    this.#written = written;
  }

  #set(name) {
    if (!this.#read.has(name)) {
      const { kind, members, sources, origins } = this.#written[name];
      const read = { flows: ownedFlow, ports: numberRange, addresses: prefixRange }[kind];
      const values = members.split(" ").map(read);
      const ranges = kind === "flows" ? [] : mergedRanges(values);
      this.#read.set(name, { values, ranges, sources, origins });
    }
    return this.#read.get(name);
  }

  contains(name, value) {
    return isInMerged(this.#set(name).ranges, value);
  }

  /** Returns the configuration path and the origin of the first item that contains the value. */
  member(name, value) {
    return this.#item(name, (range) => isInRange(range, value));
  }

  flow(name, packet) {
    return this.#item(name, (flow) => flowHolds(flow, packet));
  }

  #item(name, holds) {
    const { values, sources, origins } = this.#set(name);
    const index = values.findIndex(holds);
    if (index < 0) return null;
    return { key: frontCodedTexts(sources)[index], origin: frontCodedTexts(origins)[index] };
  }
}
