/// The version of this program (SemVer 2.0); the kernel stores it with the rules.
package let tproxyVersion = "0.1.0"
