/// The contents of a `direct.xml` of ours around the block, formatted as by firewalld.
enum Skeleton {
    static let head = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<direct>\n"
    static let foot = "</direct>\n"
}
