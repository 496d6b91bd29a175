/* Names of drivers that mean something to us. */
#ifndef CORE_DRIVER_H
#define CORE_DRIVER_H

#include <stdbool.h>

#define DRIVER_VFIO "vfio-pci"
#define DRIVER_DEFAULT "default" /* no driver's name: whichever the kernel chooses */

/* vfio-pci, or one of its variants for a device (mlx5_vfio_pci, pds-vfio-pci, ...)? */
bool driver_is_vfio(const char *driver);
/* Does it hand a device on instead of giving it an interface? */
bool driver_is_passthrough(const char *driver);
/* Does it make a vDPA device of a VF, for VMs and containers, instead of an interface? */
bool driver_is_vdpa(const char *driver);
/* Does it make VFs of any PF, and nothing else? */
bool driver_only_makes_vfs(const char *driver);

#endif
