#ifndef RUN_H
#define RUN_H

#include "util/error.h"

/* Run one command line and print what it has to say. Never exits. */
enum exit_code run(int argc, char *const *argv);

#endif
