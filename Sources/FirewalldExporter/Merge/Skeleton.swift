/// What a `direct.xml` of our own has around the block, as firewalld would write it.
enum Skeleton {
    static let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<direct>\n"
    static let foot = "</direct>\n"
}
