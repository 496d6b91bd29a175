/* What drivers count beside what every interface counts. */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

/* What the driver of a VF's interface counts of its own, in its ethtool statistics. Of more than
 * one source the sum. */
enum driver_counter {
	DRIVER_TX_SPOOFED,      /* frames not sent: their source was not the VF's */
	DRIVER_RX_NO_BUFFER,    /* frames lost for lack of receive buffers in the queues */
	DRIVER_RX_ALLOC_FAILED, /* times that memory for received frames could not be had */
	DRIVER_COUNTER_COUNT
};

struct driver_counters {
	uint64_t known;  /* bit per enum driver_counter: the driver has it */
	uint64_t narrow; /* the same: kept in 32 bits, what was added is right modulo 2^32 */
	uint64_t value[DRIVER_COUNTER_COUNT];
};

/* Is anything known of what a driver (of the VF) counts? Without, it need not be asked. */
bool counter_driver_known(const char *driver);
/* Add one of the driver's ethtool statistics to what it means; without effect where that is
 * not known. */
void counter_take(struct driver_counters *c, const char *driver, const char *name, uint64_t value);

#endif
