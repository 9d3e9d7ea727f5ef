#include "engine/sample.h"

#include <errno.h>
#include <stdlib.h>

int wio_sample_new(wio_source *source, pid_t pid, uint64_t start_ticks, wio_sample **out) {
  wio_sample *sample = calloc(1, sizeof *sample);
  if (!sample) return -ENOMEM;
  sample->key = (uint64_t)pid;
  sample->start_ticks = start_ticks;
  int rc = source->ops->pin(source, pid, start_ticks, sample, &sample->pin);
  if (rc == 0) rc = source->ops->read(source, sample->pin, &sample->reading);
  if (rc < 0) {
    wio_sample_free(source, sample);
    return rc;
  }
  *out = sample;
  return 0;
}

void wio_sample_free(wio_source *source, wio_sample *sample) {
  if (sample->pin) source->ops->unpin(source, sample->pin);
  free(sample);
}

static bool differs(const wio_reading *before, const wio_reading *after) {
  return before->io_error != after->io_error || (!after->io_error && wio_reading_moved(before, after));
}

int wio_sample_refresh(wio_source *source, wio_sample *sample, uint64_t tick, bool exact, wio_tally *tally) {
  if (sample->ended || sample->read_tick == tick || (!exact && sample->tick == tick)) return 0;
  sample->tick = tick;
  if (!exact && !sample->moved && !source->ops->ran(source, sample->pin)) {
    tally->gated++;
    return 0;
  }
  wio_reading now;
  int rc = source->ops->read(source, sample->pin, &now);
  tally->reads++;
  if (rc == -ESRCH) sample->ended = true;
  if (rc < 0) return rc == -ESRCH ? 0 : rc;
  sample->read_tick = tick;
  sample->moved = differs(&sample->reading, &now);
  if (!sample->moved) return 0;
  sample->version++;
  sample->reading = now;
  return 0;
}
