// Addresses as numbers: { family, bits }, where bits is a BigInt in host byte order.

const FAMILIES = {
  ipv4: { width: 32n, name: "IPv4" },
  ipv6: { width: 128n, name: "IPv6" },
};

/** Reads an address like inet_pton(3); returns null for other text. */
function parseAddress(text) {
  return text.includes(":") ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text) {
  const parts = text.split(".");
  const isValid = parts.length === 4
    && parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256);
  return isValid ? { family: "ipv4", bits: joined(parts.map(Number), 8n) } : null;
}

/** Reads an IPv6 address (RFC 4291 section 2.2); returns null for other text. */
function parseIPv6(text) {
  const halves = text.split("::").map((half) => (half === "" ? [] : half.split(":")));
  if (halves.length > 2) return null;
  const last = halves[halves.length - 1];
  const tail = last[last.length - 1] ?? "";
  if (tail.includes(".")) {
    const embedded = parseIPv4(tail);
    if (embedded === null) return null;
    const high = (embedded.bits >> 16n).toString(16);
    last.splice(-1, 1, high, (embedded.bits & 0xffffn).toString(16));
  }
  const [head, rest = []] = halves;
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array(missing).fill("0"), ...rest];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return null;
  return { family: "ipv6", bits: joined(groups.map((group) => parseInt(group, 16)), 16n) };
}

function joined(parts, width) {
  return parts.reduce((bits, part) => (bits << width) | BigInt(part), 0n);
}

/** Returns the text of an address like inet_ntop(3). */
function addressText({ family, bits }) {
  if (family === "ipv4") return pieces(bits, 4, 8n).join(".");
  const groups = pieces(bits, 8, 16n);
  const gap = longestZeros(groups);
  const isMapped = gap.start === 0
    && (gap.length === 6 || (gap.length === 5 && groups[5] === 0xffff));
  if (isMapped) {
    const middle = gap.length === 5 ? "ffff:" : "";
    return "::" + middle + addressText({ family: "ipv4", bits: bits & 0xffffffffn });
  }
  const words = groups.map((group) => group.toString(16));
  if (gap.length < 2) return words.join(":");
  const after = words.slice(gap.start + gap.length);
  return words.slice(0, gap.start).join(":") + "::" + after.join(":");
}

function pieces(bits, count, width) {
  const mask = (1n << width) - 1n;
  return Array.from({ length: count }, (_, index) =>
    Number((bits >> (width * BigInt(count - 1 - index))) & mask));
}

/** Returns the longest run of zero groups, the first one of equal runs. */
function longestZeros(groups) {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index += 1) {
    if (index < groups.length && groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}

/** Returns the first and the last address of ADDRESS or ADDRESS/LENGTH. */
function prefixRange(text) {
  const [address, length] = text.split("/");
  const { family, bits } = parseAddress(address);
  const host = length === undefined ? 0n : FAMILIES[family].width - BigInt(length);
  return { first: bits, last: bits | ((1n << host) - 1n) };
}

/** Returns whether the address is in 127.0.0.0/8 or is ::1. */
function isLoopback({ family, bits }) {
  return family === "ipv4" ? bits >> 24n === 127n : bits === 1n;
}

function isSameAddress(one, other) {
  return one.family === other.family && one.bits === other.bits;
}
