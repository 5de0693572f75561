import CLinux
import Glibc

/// Allocation settings for a long input, which becomes a dozen arrays of megabytes in turn.
///
/// By default malloc(3) maps and unmaps each of them, and the kernel provides every page of the
/// next one anew. That takes a seventh of the time of an apply of 100,000 prefixes.
package enum LongInputMemory {
    /// The minimum size of an input, in bytes, for which the settings change.
    private static let shortest = 1 << 18
    /// The approximate memory use for each byte of input, in bytes.
    private static let growth = 16
    /// The size of a huge page on most machines, in bytes; the kernel rounds for another size.
    private static let hugePage = 1 << 21

    /// Keeps freed memory, and requests huge pages (`MADV_HUGEPAGE`, madvise(2)).
    package static func expect(inputOf bytes: Int) {
        guard bytes >= shortest else { return }
        let size = bytes * growth
        // The largest value that mallopt(3) accepts.
        mallopt(M_MMAP_THRESHOLD, 32 << 20)
        mallopt(M_TRIM_THRESHOLD, Int32.max)
        mallopt(M_TOP_PAD, Int32(clamping: size))
        guard let before = unsafe sbrk(0) else { return }
        // Larger than any free block, so that the heap grows. The use of its size keeps the
        // compiler from removing the allocation.
        let block = unsafe malloc(hugePage)
        guard unsafe malloc_usable_size(block) >= hugePage else { return }
        unsafe free(block)
        guard let after = unsafe sbrk(0) else { return }
        let first = unsafe before.alignedUp(toMultipleOf: hugePage)
        let length = unsafe after - first
        guard length > hugePage else { return }
        // This is advice: without huge pages nothing changes.
        _ = unsafe madvise(first, length, MADV_HUGEPAGE)
    }
}
