import TproxyCommands

@main
struct Tproxy {
    static func main() {
        TproxyCommand.runProgram()
    }
}
