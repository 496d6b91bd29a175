#include "core/link.h"

#include "util/str.h"

/* No name, or "p0". Others have names like pf0vf3, pf0sf88, c1pf0. */
bool is_uplink(const char *port)
{
	uint64_t n;

	return !port || (port[0] == 'p' && str_uint(port + 1, 10, UINT32_MAX, &n));
}
