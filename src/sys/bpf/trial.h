// SPDX-License-Identifier: MIT
// trial: whether a tracer counts here what it is to count, tried on a pair of Unix sockets of this process's own.
#pragma once

#include "sys/bpf/tracer.h"

// 0; -EOPNOTSUPP when something is not counted; or a negative errno of what the trial takes.
int wio_trial_run(wio_tracer *tracer);
