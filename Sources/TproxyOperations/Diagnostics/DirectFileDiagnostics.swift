import Diagnostics
import FirewalldExporter

extension DirectFileProblem {
    /// What to tell the user; `path` is the file.
    func diagnostic(in path: String) -> Diagnostic {
        .error(
            id: "malformed-direct-xml", words, at: place.location(in: path),
            help: "\(remedy(in: path)); nothing was changed")
    }

    private func remedy(in path: String) -> String {
        switch kind {
        case .notXML(.notUTF8): "save '\(path)' as UTF-8"
        case .notXML(.documentTypeWithDeclarations): "delete the document type from '\(path)'"
        case .notXML(.outOfMemory): "free memory"
        case .notXML, .wrongRoot, .unknownElement, .misplacedElement, .wrongEnd, .notClosed:
            "correct '\(path)': firewalld can't read it either"
        }
    }

    private var words: String {
        switch kind {
        case .notXML(let problem): problem.words
        case .wrongRoot(let name): "the root element is <\(name)>, not <direct>"
        case .unknownElement(let name): "<\(name)> is no element of direct.xml"
        case .misplacedElement(let name): "<\(name)> can't stand here"
        case .wrongEnd(let found, let expected):
            "</\(found)> doesn't end <\(expected)>, which is open"
        case .notClosed(let name): "<\(name)> has no end"
        }
    }
}

extension XMLProblem.Kind {
    fileprivate var words: String {
        switch self {
        case .notUTF8: "the file isn't UTF-8"
        case .forbiddenCharacter(let byte): "character number \(byte) is forbidden in XML"
        case .documentTypeWithDeclarations: "a document type with declarations or a file of its own"
        case .mismatchedTag(let name): "</\(name)> ends no element"
        case .unfinished: "the file ends inside of what it begins with"
        case .malformed(let words): "the file isn't XML: \(words)"
        case .outOfMemory: "not enough memory to read the file"
        }
    }
}

extension DirectFinding {
    /// What to tell the user; `path` is the file.
    func diagnostic(in path: String) -> Diagnostic {
        switch severity {
        case .fatal:
            .error(
                id: "invalid-direct-element", words, at: place.location(in: path),
                help: "mend it: firewalld drops every direct rule for one such element")
        case .doubtful:
            .warning(
                id: "doubtful-direct-element", words, at: place.location(in: path),
                help: "see that it is meant: for one rule that can't be loaded, firewalld drops all"
            )
        }
    }

    private var words: String {
        switch kind {
        case .missingAttribute(let name, let element): "<\(element)> lacks attribute '\(name)'"
        case .unknownAttribute(let name, let element): "<\(element)> has no attribute '\(name)'"
        case .unknownFamily(let ipv): "ipv '\(ipv)' is none of ipv4, ipv6 and eb"
        case .unknownTable(let table, let family): "\(family) has no table '\(table)'"
        case .notAPriority(let text): "priority '\(text)' is no integer"
        case .priorityOutOfRange(let text): "priority '\(text)' has more than 32 bits"
        case .unsplittableArguments: "the arguments have a quote or a backslash without its end"
        case .noArguments(let element): "<\(element)> has no arguments; firewalld passes over it"
        case .builtInChain(let name): "chain '\(name)' is built in and can't be made"
        case .duplicateChain(let name): "chain '\(name)' is made twice"
        case .undeclaredChain(let name): "no <chain> of this file makes chain '\(name)'"
        case .unknownTarget(let name):
            "'\(name)' is neither a chain of this file and table nor a target that tproxy knows"
        }
    }
}

extension TextPlace {
    /// The place with its line.
    func location(in path: String) -> SourceLocation {
        SourceLocation(
            source: path, line: line, column: column,
            excerpt: .init(line: text, column: column, length: 1))
    }
}
