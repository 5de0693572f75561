// SPDX-License-Identifier: GPL-2.0 OR MIT
// The programs of the eBPF backend. They use the kernel's stable interface (UAPI) only: no kernel types and no probes.
#include "outbound.h"
#include "accept.h"
#include "inbound.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";
