import JSON
import RuleIR

/// The state that was loaded when a plan was made.
enum LoadedRecord {
    /// The state was not read: the plan is for another host, or was made without privilege.
    case unknown
    case none
    /// The digest of the loaded rules, and the rules themselves if they could be read.
    case rules(digest: String, isIntact: Bool, ListedRules?)

    init(_ loaded: LoadedRules?) {
        guard let loaded else {
            self = .none
            return
        }
        self = .rules(
            digest: loaded.installed?.digest ?? "", isIntact: loaded.installed?.isIntact ?? false,
            loaded.rules.withoutForeignRules)
    }

    /// Creates the record of a backend that can't list its rules.
    init(installed: InstalledRuleset?) {
        self =
            installed.map { .rules(digest: $0.digest, isIntact: $0.isIntact, nil) } ?? .none
    }

    /// Reads `none`, or the file that `tproxy status --output json` wrote.
    init(argument: String) throws(OperationFailure) {
        struct Status: Decodable {
            /// Missing in the form of earlier versions, which have no document without rules.
            var isLoaded: Bool?
            var digest: String?
            var intact: Bool?
        }
        guard argument != "none" else {
            self = .none
            return
        }
        let file = try InputFile(argument)
        let status = try? JSONValue(parsing: file.text).decoded(as: Status.self)
        if status?.isLoaded == false {
            self = .none
        } else if let digest = status?.digest, let isIntact = status?.intact {
            self = .rules(digest: digest, isIntact: isIntact, nil)
        } else {
            throw OperationFailure(.invalidStatusFile(file.name))
        }
    }
}

extension LoadedRecord: Codable {
    private enum CodingKeys: String, CodingKey {
        case state
        case digest
        case intact
        case rules
    }

    private enum State: String, Codable {
        case unknown
        case none
        case rules
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.decode(State.self, forKey: .state) {
        case .unknown: self = .unknown
        case .none: self = .none
        case .rules:
            self = .rules(
                digest: try container.decode(String.self, forKey: .digest),
                isIntact: try container.decode(Bool.self, forKey: .intact),
                try container.decodeIfPresent(ListedRules.self, forKey: .rules))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .unknown: try container.encode(State.unknown, forKey: .state)
        case .none: try container.encode(State.none, forKey: .state)
        case .rules(let digest, let isIntact, let rules):
            try container.encode(State.rules, forKey: .state)
            try container.encode(digest, forKey: .digest)
            try container.encode(isIntact, forKey: .intact)
            try container.encodeIfPresent(rules, forKey: .rules)
        }
    }
}

extension ListedRules {
    /// The rules without foreign ones, which may change and don't concern the plan.
    fileprivate var withoutForeignRules: ListedRules {
        var rules = self
        for table in rules.tables.indices {
            for chain in rules.tables[table].chains.indices {
                rules.tables[table].chains[chain].foreign = []
            }
        }
        return rules
    }
}
