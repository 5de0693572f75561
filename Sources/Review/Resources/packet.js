// Reads the packet from the fields, which are named like the options of tproxy explain.

/** Reads the fields and collects their problems by name. */
class PacketReader {
  problems = new Map();
  /** How the packet differs from the fields, or null. */
  note = null;
  #fields;
  #host;

  /** `host` has the loopback interface and the addresses of the host. */
  constructor(fields, host) {
    this.#fields = fields;
    this.#host = host;
  }

  /** Returns the packet; returns null and fills `problems` if a field is invalid. */
  read() {
    const direction = this.#choice("direction", ["out", "in"]);
    const proto = this.#choice("proto", ["tcp", "udp"]);
    const to = this.#destination();
    const port = this.#port(to);
    const from = this.#fields.from === "" ? null : this.#endpoint("from");
    const wire = to ? onTheWire(from?.address, to.address) : null;
    if (wire?.source && wire.source.family !== wire.destination.family) {
      this.#refuse("from", `an ${FAMILIES[wire.destination.family].name} address, as the destination is`);
    }
    const owner = this.#owner();
    const named = this.#interface();
    if (this.problems.size > 0) return null;
    const { source, destination } = wire;
    if (!isSameAddress(to.address, destination)) {
      this.note = `a packet to ${addressText(to.address)} goes to ${addressText(destination)}`;
    }
    return {
      direction, transport: proto, owner,
      source: source ?? anySource(destination), sourcePort: from?.port ?? null,
      destination, destinationPort: port,
      interface: named ?? this.#likelyInterface(direction, source, destination),
      connectionState: "new",
    };
  }

  #refuse(field, expected) {
    const flag = `--${field}`;
    this.problems.set(field, `'${this.#fields[field]}' is not a value for ${flag}; give ${expected}`);
    return null;
  }

  #choice(field, choices) {
    const value = this.#fields[field];
    return choices.includes(value) ? value : this.#refuse(field, choices.join(" or "));
  }

  #destination() {
    if (this.#fields.to === "") {
      return this.#refuse("to", "the packet's destination, ADDRESS:PORT or [ADDRESS]:PORT");
    }
    const to = this.#endpoint("to");
    if (to !== null && to.port === null && this.#fields.port === "") {
      this.#refuse("to", "ADDRESS:PORT or [ADDRESS]:PORT");
    }
    return to;
  }

  /** Returns the port of the destination, or the port that is given separately. */
  #port(to) {
    if (this.#fields.port === "") return to?.port;
    const alone = portNumber(this.#fields.port);
    if (Number.isNaN(alone)) return this.#refuse("port", "a port of 1...65535");
    if (to !== null && to.port !== null) {
      return this.#refuse("port", "one port: the destination has one already");
    }
    return alone;
  }

  /** Reads 10.0.0.1, 10.0.0.1:80, fd00::1 and [fd00::1]:80. */
  #endpoint(field) {
    const [host, portText] = hostAndPort(this.#fields[field]);
    const address = parseAddress(host);
    const port = portText === null ? null : portNumber(portText);
    if (address === null || Number.isNaN(port)) {
      return this.#refuse(
        field, "an IP address and a port of 1...65535, ADDRESS:PORT or [ADDRESS]:PORT");
    }
    return { address, port };
  }

  /** Returns the UID, by default root; null for a packet without a socket. */
  #owner() {
    const { direction, uid } = this.#fields;
    if (direction === "in") {
      if (uid === "") return null;
      return this.#refuse("uid", "it for outgoing packets only: an incoming packet has no owner on this host");
    }
    if (uid === "") return 0;
    if (uid === "none") return null;
    const number = Number(uid);
    if (!/^[0-9]+$/.test(uid) || number > 4294967294) {
      return this.#refuse("uid", "a number, 0...4294967294, or 'none'");
    }
    return number;
  }

  #interface() {
    const name = this.#fields.interface;
    if (name === "") return null;
    if (!/^[A-Za-z0-9_.@-]{1,15}$/.test(name) || name === "." || name === "..") {
      return this.#refuse("interface", "1 to 15 letters, digits and _ . - @");
    }
    return name;
  }

  /** Returns loopback for the host's own addresses, and if source and destination are equal. */
  #likelyInterface(direction, source, destination) {
    const { loopback, addresses } = this.#host;
    const others = addresses.filter(([name]) => name !== loopback);
    const [first] = others[0] ?? ["eth0"];
    const isHere = ([, text]) => isSameAddress(parseAddress(text), destination);
    if (isLoopback(destination) || (source !== undefined && isSameAddress(source, destination))) {
      return loopback;
    }
    if (direction === "out") return addresses.some(isHere) ? loopback : first;
    const [arrival] = others.find(isHere) ?? [first];
    return arrival;
  }
}

function hostAndPort(text) {
  const close = text.indexOf("]");
  if (text.startsWith("[") && close > 0) {
    const rest = text.slice(close + 1);
    const port = rest === "" ? null : rest.startsWith(":") ? rest.slice(1) : "?";
    return [text.slice(1, close), port];
  }
  const parts = text.split(":");
  return parts.length === 2 ? parts : [text, null];
}

/** Returns the port, or NaN. */
function portNumber(text) {
  const number = /^[0-9]+$/.test(text) ? Number(text) : NaN;
  return number >= 1 && number <= 65535 ? number : NaN;
}

/** Returns a packet's addresses, given a destination that may be 0.0.0.0, :: or ::ffff:a.b.c.d. */
function onTheWire(source, destination) {
  const target = unmapped(destination);
  let from = source === undefined ? undefined : unmapped(source);
  if (target.family !== destination.family && from?.family === "ipv6" && from.bits === 0n) {
    from = { family: "ipv4", bits: 0n };
  }
  if (target.bits !== 0n) return { source: from, destination: target };
  if (target.family === "ipv6") return { source: from, destination: { family: "ipv6", bits: 1n } };
  const isChosen = from !== undefined && !(from.family === "ipv4" && from.bits === 0n);
  return { source: from, destination: isChosen ? from : { family: "ipv4", bits: 0x7f000001n } };
}

/** Returns the IPv4 address of an IPv4-mapped address, and any other address unchanged. */
function unmapped({ family, bits }) {
  const isMapped = family === "ipv6" && bits >> 32n === 0xffffn;
  return isMapped ? { family: "ipv4", bits: bits & 0xffffffffn } : { family, bits };
}

/** Returns localhost for a loopback destination, else the unspecified address (in no list). */
function anySource(destination) {
  const localhost = destination.family === "ipv4" ? 0x7f000001n : 1n;
  return { family: destination.family, bits: isLoopback(destination) ? localhost : 0n };
}

function packetWords(packet) {
  const isOutgoing = packet.direction === "out";
  const port = packet.sourcePort === null ? "" : ` port ${packet.sourcePort}`;
  const words = [
    isOutgoing ? "outgoing" : "incoming", packet.transport,
    `from ${addressText(packet.source)}${port}`,
    `to ${addressText(packet.destination)} port ${packet.destinationPort}`,
    `${isOutgoing ? "via" : "on"} ${packet.interface}`,
  ];
  if (isOutgoing) words.push(packet.owner === null ? "without a socket" : `of UID ${packet.owner}`);
  return words.join(" ");
}
