#include "core/driver.h"

#include <stddef.h>
#include <string.h>

bool driver_is_vfio(const char *driver)
{
	return strstr(driver, "vfio-pci") || strstr(driver, "vfio_pci");
}

bool driver_is_passthrough(const char *driver)
{
	static const char *const drivers[] = {
		"pci-stub", "uio_pci_generic", "igb_uio", "xen-pciback", "pciback"};

	for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
		if (strcmp(drivers[i], driver) == 0)
			return true;
	return driver_is_vfio(driver);
}

bool driver_is_vdpa(const char *driver)
{
	return strstr(driver, "vdpa") != NULL;
}

/* drivers/pci/pci-pf-stub.c */
bool driver_only_makes_vfs(const char *driver)
{
	return strcmp(driver, "pci-pf-stub") == 0;
}
