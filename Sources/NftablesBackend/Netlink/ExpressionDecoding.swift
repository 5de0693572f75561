import CMnl

/// An expression as the kernel lists it.
enum ListedExpression {
    case known(Expression)
    /// An expression that no rule of ours has, as the kernel sent it.
    case other([UInt32])

    /// Reads an item of NFTA_RULE_EXPRESSIONS.
    init(_ item: Attribute) {
        let name = item.nested[NFTA_EXPR_NAME]?.text ?? ""
        let data = item.nested[NFTA_EXPR_DATA]?.nested ?? AttributeList([])
        if let known = Expression(name, data) {
            self = .known(known)
        } else {
            self = .other(Array(item.words))
        }
    }
}

extension Expression {
    /// Decodes an expression; nil for one that we never send.
    fileprivate init?(_ name: String, _ data: AttributeList) {
        let reading: (Expression, known: [UInt32])?
        switch name {
        case "meta": reading = Self.meta(data)
        case "payload": reading = Self.payload(data)
        case "ct": reading = Self.connection(data)
        case "bitwise": reading = Self.mask(data)
        case "byteorder": reading = Self.networkOrder(data)
        case "cmp": reading = Self.compare(data)
        case "range": reading = Self.range(data)
        case "lookup": reading = Self.lookup(data)
        case "counter":
            self = .counter
            return
        case "log": reading = Self.log(data)
        case "immediate": reading = Self.immediate(data)
        case "redir": reading = Self.redirect(data)
        case _: return nil
        }
        // An unknown attribute changes the meaning, unless it is zero.
        guard let reading,
            data.allSatisfy({ reading.known.contains($0.type) || $0.isZero })
        else { return nil }
        self = reading.0
    }

    private typealias Reading = (Expression, known: [UInt32])?

    private static func meta(_ data: AttributeList) -> Reading {
        guard let key = data[NFTA_META_KEY], let register = data[NFTA_META_DREG] else { return nil }
        return (.meta(key.number, to: register.number), [key.type, register.type])
    }

    private static func payload(_ data: AttributeList) -> Reading {
        guard let register = data[NFTA_PAYLOAD_DREG], let base = data[NFTA_PAYLOAD_BASE],
            let offset = data[NFTA_PAYLOAD_OFFSET], let length = data[NFTA_PAYLOAD_LEN]
        else { return nil }
        let field = PayloadField(base: base.number, offset: offset.number, length: length.number)
        return (
            .payload(field, to: register.number),
            [register.type, base.type, offset.type, length.type]
        )
    }

    private static func connection(_ data: AttributeList) -> Reading {
        // A direction limits the value to one tuple; `original` is zero, so it must be absent.
        guard let key = data[NFTA_CT_KEY], data[NFTA_CT_DIRECTION] == nil else { return nil }
        if let register = data[NFTA_CT_DREG] {
            return (.connection(key.number, to: register.number), [key.type, register.type])
        }
        guard let register = data[NFTA_CT_SREG], key.number == NFT_CT_ZONE.rawValue else {
            return nil
        }
        return (.setZone(register.number), [key.type, register.type])
    }

    private static func mask(_ data: AttributeList) -> Reading {
        guard let source = data[NFTA_BITWISE_SREG], let register = data[NFTA_BITWISE_DREG],
            let length = data[NFTA_BITWISE_LEN], let mask = data[NFTA_BITWISE_MASK],
            let flip = data[NFTA_BITWISE_XOR], source.number == register.number,
            let bytes = mask.nested[NFTA_DATA_VALUE]?.bytes,
            flip.nested[NFTA_DATA_VALUE]?.isZero == true
        else { return nil }
        return (
            .mask(register.number, bytes),
            [source.type, register.type, length.type, mask.type, flip.type]
        )
    }

    private static func networkOrder(_ data: AttributeList) -> Reading {
        guard let source = data[NFTA_BYTEORDER_SREG], let register = data[NFTA_BYTEORDER_DREG],
            let length = data[NFTA_BYTEORDER_LEN], let size = data[NFTA_BYTEORDER_SIZE],
            let way = data[NFTA_BYTEORDER_OP], way.number == NFT_BYTEORDER_HTON.rawValue
        else { return nil }
        return (
            .networkOrder(register.number, length: length.number, size: size.number),
            [source.type, register.type, length.type, size.type, way.type]
        )
    }

    private static func compare(_ data: AttributeList) -> Reading {
        guard let register = data[NFTA_CMP_SREG], let test = data[NFTA_CMP_OP],
            let value = data[NFTA_CMP_DATA], let bytes = value.nested[NFTA_DATA_VALUE]?.bytes,
            let comparison = Comparison(number: test.number)
        else { return nil }
        return (
            .compare(register.number, comparison, bytes), [register.type, test.type, value.type]
        )
    }

    private static func range(_ data: AttributeList) -> Reading {
        guard let register = data[NFTA_RANGE_SREG], let test = data[NFTA_RANGE_OP],
            let first = data[NFTA_RANGE_FROM_DATA], let last = data[NFTA_RANGE_TO_DATA],
            let from = first.nested[NFTA_DATA_VALUE]?.bytes,
            let to = last.nested[NFTA_DATA_VALUE]?.bytes,
            test.number == NFT_RANGE_EQ.rawValue || test.number == NFT_RANGE_NEQ.rawValue
        else { return nil }
        return (
            .range(
                register.number, from: from, to: to,
                isNegated: test.number == NFT_RANGE_NEQ.rawValue),
            [register.type, test.type, first.type, last.type]
        )
    }

    private static func lookup(_ data: AttributeList) -> Reading {
        guard let register = data[NFTA_LOOKUP_SREG], let set = data[NFTA_LOOKUP_SET] else {
            return nil
        }
        let flags = data[NFTA_LOOKUP_FLAGS]
        guard (flags?.number ?? 0) & ~NFT_LOOKUP_F_INV.rawValue == 0 else { return nil }
        let known = [register.type, set.type, NFTA_LOOKUP_FLAGS.rawValue]
        let isNegated = (flags?.number ?? 0) != 0
        return (.lookup(register.number, set: set.text, isNegated: isNegated), known)
    }

    private static func log(_ data: AttributeList) -> Reading {
        guard let prefix = data[NFTA_LOG_PREFIX], let level = data[NFTA_LOG_LEVEL] else {
            return nil
        }
        return (.log(prefix: prefix.text, level: level.number), [prefix.type, level.type])
    }

    private static func immediate(_ data: AttributeList) -> Reading {
        guard let register = data[NFTA_IMMEDIATE_DREG], let value = data[NFTA_IMMEDIATE_DATA]
        else { return nil }
        let known = [register.type, value.type]
        if let bytes = value.nested[NFTA_DATA_VALUE]?.bytes {
            return (.value(register.number, bytes), known)
        }
        guard let verdict = value.nested[NFTA_DATA_VERDICT]?.nested,
            let code = verdict[NFTA_VERDICT_CODE]
        else { return nil }
        return (
            .verdict(Int32(bitPattern: code.number), chain: verdict[NFTA_VERDICT_CHAIN]?.text),
            known
        )
    }

    private static func redirect(_ data: AttributeList) -> Reading {
        guard let register = data[NFTA_REDIR_REG_PROTO_MIN], let flags = data[NFTA_REDIR_FLAGS],
            flags.number == portIsGiven
        else { return nil }
        let last = data[NFTA_REDIR_REG_PROTO_MAX]
        guard last == nil || last?.number == register.number else { return nil }
        return (
            .redirect(register.number),
            [register.type, flags.type, NFTA_REDIR_REG_PROTO_MAX.rawValue]
        )
    }
}
