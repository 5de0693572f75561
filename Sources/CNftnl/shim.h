#include <libnftnl/gen.h>
