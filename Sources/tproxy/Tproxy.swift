@main
struct Tproxy {
    static func main() {}
}
