#include "CEBPF.h"

// #embed is new in C23.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char object[] __attribute__((aligned(8))) = {
#embed "../EBPFBackend/Programs/tproxy.bpf.o"
};

const void *cebpf_object(void) { return object; }
size_t cebpf_object_size(void) { return sizeof(object); }
