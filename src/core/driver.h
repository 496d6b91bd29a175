/* Names of drivers that mean something to us. */
#ifndef CORE_DRIVER_H
#define CORE_DRIVER_H

#include <stdbool.h>

#define DRIVER_VFIO "vfio-pci"
#define DRIVER_DEFAULT "default" /* no driver's name: whichever the kernel chooses */

/* Does it hand a device on instead of giving it an interface? */
bool driver_is_passthrough(const char *driver);

#endif
