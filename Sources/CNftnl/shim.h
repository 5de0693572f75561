// How libnftables marks what is its own in a table, as numbers; no function of the library is called.
#include <libnftnl/udata.h>
