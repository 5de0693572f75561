import CLinux
import Glibc

/// Memory for a long input: what becomes of it is a dozen arrays of megabytes, one after the other.
///
/// By default malloc(3) maps each for itself and gives it back, and the kernel hands out every page of
/// the next one anew: a seventh of the time of an apply of 100,000 prefixes.
package enum LongInputMemory {
    /// Inputs below this many bytes stay with the defaults.
    private static let shortest = 1 << 18
    /// How many bytes of memory a byte of input takes, about.
    private static let growth = 16
    /// The size of a huge page on most machines; where it is another, the kernel rounds.
    private static let hugePage = 1 << 21

    /// Keeps freed memory, and asks for huge pages (`MADV_HUGEPAGE`, madvise(2)) where the kernel has them.
    package static func expect(inputOf bytes: Int) {
        guard bytes >= shortest else { return }
        let size = bytes * growth
        // As large as mallopt(3) takes.
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
        mallopt(M_TRIM_THRESHOLD, Int32.max)
        mallopt(M_TOP_PAD, Int32(clamping: size))
        guard let before = unsafe sbrk(0) else { return }
        // Larger than any piece that is free yet, so that the heap grows; asked for its size, lest the
        // compiler leave it out.
        let block = unsafe malloc(hugePage)
        guard unsafe malloc_usable_size(block) >= hugePage else { return }
        unsafe free(block)
        guard let after = unsafe sbrk(0) else { return }
        let first = unsafe before.alignedUp(toMultipleOf: hugePage)
        let length = unsafe after - first
        guard length > hugePage else { return }
        // Advice: without huge pages it is as before.
        _ = unsafe madvise(first, length, MADV_HUGEPAGE)
    }
}
