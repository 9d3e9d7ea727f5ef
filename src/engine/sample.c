// SPDX-License-Identifier: MIT
#include "engine/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int wio_sample_new(wio_source *source, const wio_description *process, int kinds, bool born, const wio_pass *pass,
                   wio_sample **out) {
  wio_sample *sample = calloc(1, sizeof *sample);
  if (!sample) return -ENOMEM;
  sample->key = (uint64_t)process->pid;
  sample->start_ticks = process->stat.start_ticks;
  sample->ppid = process->stat.ppid;
  sample->kinds = kinds;
  int rc = source->ops->pin(source, process->pid, sample->start_ticks, born, sample, &sample->pin);
  wio_request request = {.kinds = kinds, .moment = pass->moment, .first = true};
  if (rc == 0) rc = source->ops->read(source, sample->pin, &request, &sample->reading);
  if (rc == 0 && sample->reading.ended) rc = -ESRCH;
  if (rc < 0) {
    wio_sample_free(source, sample);
    return rc;
  }
  sample->held = source->ops->held(source, sample->pin);
  *out = sample;
  return 0;
}

void wio_sample_free(wio_source *source, wio_sample *sample) {
  if (sample->pin) source->ops->unpin(source, sample->pin);
  free(sample);
}

static bool is_whole(const wio_reading *reading, int kinds) { return wio_reading_known(reading, kinds) == kinds; }

// A zombie whose counters cannot be read any more keeps the last ones.
static bool take_parts(wio_sample *sample, const wio_reading *now, int kinds) {
  if (sample->ended) kinds = wio_reading_known(now, kinds);
  uint64_t before[WIO_MEASURE_COUNT];
  memcpy(before, sample->reading.value, sizeof before);
  bool moved = wio_reading_update(&sample->reading, now, kinds);
  sample->gain = wio_gain_between(before, sample->reading.value);
  return moved;
}

// The usual case, which a busy pass meets for each process: all that was asked for is known, now and before.
static bool take_whole(wio_sample *sample, const wio_reading *now) {
  bool moved = memcmp(sample->reading.value, now->value, sizeof now->value) != 0;
  if (moved) sample->gain = wio_gain_between(sample->reading.value, now->value);
  sample->reading = *now;
  return moved;
}

static void take_reading(wio_sample *sample, const wio_reading *now, int kinds) {
  if (now->ended) sample->ended = true;
  bool whole = kinds == sample->kinds && is_whole(now, kinds) && is_whole(&sample->reading, kinds);
  sample->moved = whole ? take_whole(sample, now) : take_parts(sample, now, kinds);
  bool told = now->revealed || now->knocked;
  if (!sample->moved && told) sample->gain = (wio_gain){0};
  sample->version += sample->moved || told;
}

bool wio_sample_is_open(wio_source *source, wio_sample *sample, const wio_pass *pass, wio_tally *tally) {
  if (sample->gone || sample->read_at == pass->fresh) return false;
  if (sample->asked_at == pass->fresh) return sample->open_at == pass->fresh;
  sample->asked_at = pass->fresh;
  bool open = sample->moved || source->ops->ran(source, sample->pin, pass->moment);
  if (open) sample->open_at = pass->fresh;
  else tally->gated++;
  return open;
}

int wio_sample_refresh(wio_source *source, wio_sample *sample, const wio_pass *pass, wio_care care, wio_tally *tally) {
  // The pass that samples can also be the one that decides, and then needs an exact reading.
  bool is_read = care == WIO_EXACT ? sample->exact_at == pass->fresh : sample->read_at == pass->fresh;
  if (sample->gone || is_read || (care == WIO_OWN && sample->own_at == pass->fresh)) return 0;
  if (care == WIO_GATED && !wio_sample_is_open(source, sample, pass, tally)) return 0;
  sample->asked_at = pass->fresh;
  wio_reading now;
  bool had_ended = sample->ended;
  int kinds = care == WIO_OWN ? sample->kinds & ~WIO_KIND_BIT(WIO_NET) : sample->kinds;
  wio_request request = {.kinds = kinds, .moment = pass->moment, .exact = care == WIO_EXACT};
  int rc = source->ops->read(source, sample->pin, &request, &now);
  tally->reads++;
  if (rc == -ESRCH) {
    sample->ended = sample->gone = true;
    return 0;
  }
  if (rc < 0) return rc;
  if (care == WIO_OWN) sample->own_at = pass->fresh;
  else sample->read_at = pass->fresh;
  if (care == WIO_EXACT) sample->exact_at = pass->fresh;
  take_reading(sample, &now, kinds);
  sample->closed = had_ended && !now.error[WIO_IO];
  return 0;
}

int wio_sample_widen(wio_source *source, wio_sample *sample, int kinds, const wio_pass *pass, wio_tally *tally) {
  if ((kinds & ~sample->kinds) == 0) return 0;
  sample->kinds |= kinds;
  sample->read_at = 0;
  return wio_sample_refresh(source, sample, pass, WIO_UNGATED, tally);
}

int wio_sample_end(wio_source *source, wio_sample *sample, const wio_pass *pass, wio_tally *tally) {
  wio_description process;
  sample->ended = true;
  source->ops->mute(source, sample->pin);
  // A process that was orphaned meanwhile is reaped by another process than its first parent. While it is being reaped,
  // the kernel shows no parent at all.
  if (source->ops->describe(source, (pid_t)sample->key, 0, &process) == 0 &&
      process.stat.start_ticks == sample->start_ticks && process.stat.ppid > 0)
    sample->ppid = process.stat.ppid;
  sample->read_at = sample->own_at = 0;
  int rc = wio_sample_refresh(source, sample, pass, WIO_OWN, tally);
  return rc == -ENOMEM ? rc : 0; // whatever else went wrong with the last reading, it has ended
}

int wio_sample_check_reaped(wio_source *source, wio_sample *sample) {
  wio_description process;
  int rc = source->ops->describe(source, (pid_t)sample->key, 0, &process);
  if (rc == -ETIMEDOUT) return 0; // unknown whether it was reaped
  if (rc < 0 && rc != -ESRCH) return rc;
  sample->gone = rc == -ESRCH || process.stat.start_ticks != sample->start_ticks || process.stat.state != 'Z';
  return 0;
}
