import Foundation

/// Checks our documents against their schemas, with python3-jsonschema.
package enum JSONSchemaCheck {
    private static let program = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        problems = list(jsonschema.Draft202012Validator(schema).iter_errors(json.load(sys.stdin)))
        for problem in problems:
            print("/".join(map(str, problem.absolute_path)), problem.message[:200])
        sys.exit(1 if problems else 0)
        """

    /// The violations of docs/schemas/`name`.json in `document`; empty if there are none.
    package static func problems(_ document: String, _ name: String) async throws -> String {
        let schema = Scenario.root.appendingPathComponent("docs/schemas/\(name).json").path
        let outcome = try await Command.run(
            "/usr/bin/python3", ["-c", program, schema], input: document)
        return outcome.status == 0 ? "" : outcome.output + outcome.errors
    }
}
