// The kernel's own headers are CMnl's: sometimes neither of two modules finds an enum that both
// declare.
#include <libnftnl/table.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/gen.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
