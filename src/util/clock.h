/* Time: monotonic milliseconds for deadlines, and dates as JSON has them. */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

static inline int64_t clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* What is left until a deadline, for poll(2): 0 when it has passed. */
static inline int clock_left(int64_t deadline)
{
	int64_t left = deadline - clock_ms();

	return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

/* "2026-11-21T17:28:49.757Z" (RFC 3339), of a time since 1970. */
#define CLOCK_DATE_SIZE 40
static inline const char *clock_date(char out[CLOCK_DATE_SIZE], const struct timespec *at)
{
	char date[24] = "";
	struct tm tm;

	if (gmtime_r(&at->tv_sec, &tm))
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(out, CLOCK_DATE_SIZE, "%s.%03dZ", date, (int)(at->tv_nsec / 1000000));
	return out;
}

#endif
