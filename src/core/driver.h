/* Drivers that hand a device on instead of giving it an interface. */
#ifndef CORE_DRIVER_H
#define CORE_DRIVER_H

#include <stdbool.h>

bool driver_is_passthrough(const char *driver);

#endif
