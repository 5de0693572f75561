// The numbers with which libnftables marks its own data in a table. No function of libnftnl is
// called.
#include <libnftnl/udata.h>
