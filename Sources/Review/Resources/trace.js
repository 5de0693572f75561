// Evaluates the rules exactly as RuleTrace does in the program.

class Trace {
  #ruleset;
  #sets;

  constructor(ruleset) {
    this.#ruleset = ruleset;
    this.#sets = new SetIndex(ruleset.sets);
  }

  /** Returns the outcome of a packet and the rule that decides it. */
  explain(packet) {
    const walk = { packet, steps: [], deciding: null, conntrackZone: 0 };
    const verdict = this.#follow(walk);
    const isExempt = walk.deciding !== null;
    return { outcome: isExempt ? "bypassed" : "untouched", port: null, ...walk, ...verdict };
  }

  /** Evaluates stage by stage; returns null if no rule ends it. */
  #follow(walk) {
    const { packet } = walk;
    if (!this.#ruleset.families.includes(packet.destination.family)) return null;
    const hook = packet.direction === "out" ? "output" : "prerouting";
    for (const base of this.#ruleset.bases.filter((one) => one.hook === hook)) {
      // Only the first packet of a connection meets nat chains; conntrack translates the others.
      if (base.stage === "nat" && packet.connectionState !== "new") continue;
      let flow = this.#run(base.first, base.stage, walk);
      if (flow === "ranOut") flow = this.#run(base.last, base.stage, walk);
      if (typeof flow === "object") return flow;
    }
    return null;
  }

  /** "ranOut", "returned", "ended" with the base chain, or the verdict. */
  #run(rules, stage, walk) {
    for (const rule of rules) {
      if (!rule.if.every((match) => this.#holds(match, walk.packet))) continue;
      const step = this.#step(rule, walk.packet);
      walk.steps.push(step);
      const [action, argument] = rule.then;
      switch (action) {
        case "log":
          break;
        case "return":
          if (stage === "nat") walk.deciding = step;
          return "returned";
        case "zone":
          walk.conntrackZone = argument;
          return "ended";
        case "redirect":
          walk.deciding = step;
          return { outcome: "redirected", port: argument };
        case "drop":
          walk.deciding = step;
          return { outcome: "dropped" };
        case "jump": {
          const flow = this.#run(this.#ruleset.chains[argument], stage, walk);
          if (flow === "ended" || typeof flow === "object") return flow;
          break;
        }
        default:
          throw new Error(`no such action: ${action}`);
      }
    }
    return "ranOut";
  }

  #holds([subject, wanted], packet) {
    switch (subject) {
      case "family": return packet.destination.family === wanted;
      case "transport": return packet.transport === wanted;
      case "source": return this.#isAmong(wanted, packet.source);
      case "destination": return this.#isAmong(wanted, packet.destination);
      case "sourcePort": return packet.sourcePort !== null && this.#isPort(wanted, packet.sourcePort);
      case "destinationPort": return this.#isPort(wanted, packet.destinationPort);
      case "inputInterface": return packet.direction === "in" && isNamed(wanted, packet.interface);
      case "outputInterface": return packet.direction === "out" && isNamed(wanted, packet.interface);
      case "owner": return packet.owner === wanted;
      case "ownerIsNot": return packet.owner !== wanted;
      case "ownedFlow": return this.#sets.flow(wanted, packet) !== null;
      case "connectionState": return packet.connectionState === wanted;
    }
    throw new Error(`no such match: ${subject}`);
  }

  /** Returns false for a packet of another family, whether the match is negated or not. */
  #isAmong({ family, prefix, set, isNegated }, address) {
    if (address.family !== family) return false;
    const isIn = set === undefined
      ? isInRange(prefixRange(prefix), address.bits) : this.#sets.contains(set, address.bits);
    return isIn !== isNegated;
  }

  #isPort({ port, set }, number) {
    return set === undefined ? number === port : this.#sets.contains(set, number);
  }

  #step(rule, packet) {
    const { place, condition, action, reason, key, origin } = rule;
    return { place, condition, action, reason, key, origin, ...this.#member(rule, packet) };
  }

  /** Returns the item of a list that made one of the rule's matches hold. */
  #member(rule, packet) {
    const values = {
      source: packet.source.bits, destination: packet.destination.bits,
      sourcePort: packet.sourcePort, destinationPort: packet.destinationPort,
    };
    for (const [subject, wanted] of rule.if) {
      if (subject === "ownedFlow") return this.#sets.flow(wanted, packet);
      if (values[subject] === undefined || wanted.set === undefined || wanted.isNegated) continue;
      return this.#sets.member(wanted.set, values[subject]);
    }
    return null;
  }
}

/** Returns whether `name` matches; `docker+` matches every name that begins with `docker`. */
function isNamed(pattern, name) {
  return pattern.endsWith("+") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
