/// The version of this program, as SemVer 2.0 has it; the kernel keeps it beside the rules.
package let tproxyVersion = "0.1.0"
