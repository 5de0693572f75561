import Diagnostics
import FirewalldExporter

extension DirectFileProblem {
    /// Returns the diagnostic for the file at `path`.
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
        case .unknownElement(let name): "<\(name)> is not an element of direct.xml"
        case .misplacedElement(let name): "<\(name)> isn't allowed here"
        case .wrongEnd(let found, let expected):
            "</\(found)> doesn't end <\(expected)>, the open element"
        case .notClosed(let name): "<\(name)> is not closed"
        }
    }
}

extension XMLProblem.Kind {
    fileprivate var words: String {
        switch self {
        case .notUTF8: "the file isn't UTF-8"
        case .forbiddenCharacter(let byte): "character number \(byte) is forbidden in XML"
        case .documentTypeWithDeclarations:
            "a document type with declarations or an external subset"
        case .mismatchedTag(let name): "</\(name)> closes no open element"
        case .unfinished: "the file ends inside an open element"
        case .malformed(let words): "the file isn't XML: \(words)"
        case .outOfMemory: "not enough memory to read the file"
        }
    }
}

extension DirectFinding {
    /// Returns the diagnostic for the file at `path`.
    func diagnostic(in path: String) -> Diagnostic {
        switch severity {
        case .fatal:
            .error(
                id: "invalid-direct-element", words, at: place.location(in: path),
                help: "correct it: firewalld drops every direct rule for one such element")
        case .doubtful:
            .warning(
                id: "doubtful-direct-element", words, at: place.location(in: path),
                help: "check it: if one rule can't be loaded, firewalld drops all of them"
            )
        }
    }

    private var words: String {
        switch kind {
        case .missingAttribute(let name, let element): "<\(element)> lacks attribute '\(name)'"
        case .unknownAttribute(let name, let element): "<\(element)> has no attribute '\(name)'"
        case .unknownFamily(let ipv): "ipv '\(ipv)' must be ipv4, ipv6 or eb"
        case .unknownTable(let table, let family): "\(family) has no table '\(table)'"
        case .notAPriority(let text): "priority '\(text)' is not an integer"
        case .priorityOutOfRange(let text): "priority '\(text)' has more than 32 bits"
        case .unsplittableArguments: "the arguments have an unterminated quote or backslash"
        case .noArguments(let element): "<\(element)> has no arguments; firewalld ignores it"
        case .builtInChain(let name): "chain '\(name)' is built in and can't be defined"
        case .duplicateChain(let name): "chain '\(name)' is defined twice"
        case .undeclaredChain(let name): "no <chain> of this file defines chain '\(name)'"
        case .unknownTarget(let name):
            "'\(name)' is neither a chain of this file and table nor a target that tproxy knows"
        }
    }
}

extension TextPlace {
    /// Returns the location with its line.
    func location(in path: String) -> SourceLocation {
        SourceLocation(
            source: path, line: line, column: column,
            excerpt: .init(line: text, column: column, length: 1))
    }
}
