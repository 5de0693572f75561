// The kernel's own headers are CMnl's: an enum that two modules declare is found by neither, at times.
#include <libnftnl/table.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/gen.h>
#include <libnftnl/rule.h>
#include <libnftnl/udata.h>
