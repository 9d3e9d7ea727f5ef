// SPDX-License-Identifier: MIT
#include "sys/capabilities.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) (UINT64_C(1) << (capability))

// CAP_PERFMON and CAP_BPF, which older headers do not know.
#define PERFMON 38
#define BPF 39

static const uint64_t purposes[WIO_PURPOSE_COUNT] = {
    [WIO_TO_WATCH] = BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_ADMIN) | BIT(CAP_NET_ADMIN) |
                     BIT(CAP_SYS_RESOURCE) | BIT(PERFMON) | BIT(BPF),
    [WIO_TO_ACT] = BIT(CAP_KILL) | BIT(CAP_SYS_NICE) | BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_PTRACE),
    [WIO_TO_LAUNCH] = BIT(CAP_SETUID) | BIT(CAP_SETGID),
};

// The capabilities that a copy of the program may lend to the user who starts it: those for reading counters.
static const uint64_t lendable = BIT(CAP_SYS_PTRACE) | BIT(CAP_DAC_READ_SEARCH);

static bool holds;
static uint64_t held;
static _Thread_local uint64_t in_effect;

// The kernel's two halves of a set as one.
typedef struct {
  uint64_t effective, permitted, inheritable;
} cap_sets;

static int get_sets(cap_sets *out) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3] = {{0}};
  if (syscall(SYS_capget, &header, half) < 0) return -errno;
  *out = (cap_sets){0};
  for (int i = _LINUX_CAPABILITY_U32S_3 - 1; i >= 0; i--) {
    out->effective = out->effective << 32 | half[i].effective;
    out->permitted = out->permitted << 32 | half[i].permitted;
    out->inheritable = out->inheritable << 32 | half[i].inheritable;
  }
  return 0;
}

static int set_sets(const cap_sets *sets) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct half[_LINUX_CAPABILITY_U32S_3] = {{0}};
  for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
    half[i].effective = (uint32_t)(sets->effective >> 32 * i);
    half[i].permitted = (uint32_t)(sets->permitted >> 32 * i);
    half[i].inheritable = (uint32_t)(sets->inheritable >> 32 * i);
  }
  return syscall(SYS_capset, &header, half) < 0 ? -errno : 0;
}

void wio_capabilities_keep_to_itself(void) {
  cap_sets sets = {0};
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (get_sets(&sets) < 0 || sets.inheritable == 0) return;
  sets.inheritable = 0;
  set_sets(&sets);
}

// A file that lends capabilities takes the ambient ones away (capabilities(7)).
bool wio_capabilities_are_lent(void) {
  cap_sets sets = {0};
  if (getuid() == 0 || get_sets(&sets) < 0) return false;
  for (int number = 0; number < 64; number++)
    if ((sets.permitted & BIT(number)) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, number, 0, 0) != 1) return true;
  return false;
}

uint64_t wio_capabilities_lendable(void) { return lendable; }

int wio_capabilities_hold(bool lent) {
  cap_sets sets = {0};
  int rc = get_sets(&sets);
  if (rc < 0) return rc;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  cap_sets kept = {.permitted = lent ? sets.permitted & lendable : sets.permitted};
  rc = set_sets(&kept);
  if (rc < 0) return rc;
  held = kept.permitted;
  holds = true;
  in_effect = 0;
  return 0;
}

int wio_capabilities_give_up(void) {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  held = in_effect = 0;
  return set_sets(&(cap_sets){0});
}

// A call that fails changes nothing: no more is ever in effect than `in_effect` says.
static void put_in_effect(uint64_t wanted) {
  cap_sets sets = {.permitted = held, .effective = wanted};
  if (wanted != in_effect && set_sets(&sets) == 0) in_effect = wanted;
}

wio_raised wio_capabilities_raise(wio_purpose purpose) {
  wio_raised before = {.in_effect = in_effect};
  if (holds) put_in_effect(in_effect | (held & purposes[purpose]));
  return before;
}

void wio_capabilities_lower(const wio_raised *before) {
  if (holds) put_in_effect(before->in_effect);
}

bool wio_capabilities_have(int capability) {
  cap_sets sets = {0};
  if (get_sets(&sets) < 0) return false;
  return (holds ? held : sets.effective) & BIT(capability);
}
