#include "core/driver.h"

#include <stddef.h>
#include <string.h>

bool driver_is_passthrough(const char *driver)
{
	static const char *const drivers[] = {
		"vfio-pci", "pci-stub", "uio_pci_generic", "igb_uio", "xen-pciback", "pciback"};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(drivers[i], driver) == 0)
			return true;
	return false;
}
