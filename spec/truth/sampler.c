// SPDX-License-Identifier: MIT
// What every kind of activity shows of some process trees, second by second: the raw figures from which floors are
// chosen.
//
//   sampler ROOT-PID...
//
// Each second prints one line a root: the time (ns, CLOCK_MONOTONIC), the root, and what moved since the second before:
// rchar wchar syscr syscw read_bytes write_bytes, TCP bytes, CPU ns, voluntary switches. Ends when it is told to.
//
// It shares no code with what it helps to judge. It only reads /proc, sock_diag and clocks, none of which runs the
// process.
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RCHAR, WCHAR, SYSCR, SYSCW, READ_BYTES, WRITE_BYTES, IO_COUNT };
enum { MOST_ROOTS = 256, MOST_MEMBERS = 8192, MOST_SOCKETS = 8192 };

struct root {
  int pid;
  uint64_t io[IO_COUNT];   // of all members alive: what was reaped is in its parent
  int64_t delta[IO_COUNT]; // since the second before
  uint64_t net, cpu_ns, switches;
};

struct member {
  int pid, parent, root; // root: index, -1 for a process that is not of ours
  uint64_t start;
  uint64_t cpu_ns, switches; // when last seen
  bool seen;
};

struct flow {
  uint32_t inode;
  int root; // index, -1 when no member holds it
  uint64_t bytes;
  bool seen;
};

static struct root roots[MOST_ROOTS];
static int root_count;
static struct member members[MOST_MEMBERS];
static int member_count;
static struct flow flows[MOST_SOCKETS];
static int flow_count;

static uint64_t now_ns(clockid_t clock) {
  struct timespec now;
  return clock_gettime(clock, &now) == 0 ? (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec : 0;
}

// ---- who is whose

static bool read_text(const char *path, char *text, size_t size) {
  FILE *file = fopen(path, "re");
  if (!file) return false;
  size_t length = fread(text, 1, size - 1, file);
  fclose(file);
  text[length] = '\0';
  return length > 0;
}

static struct member *find_member(int pid) {
  for (int i = 0; i < member_count; i++) {
    if (members[i].pid == pid) return &members[i];
  }
  return NULL;
}

static int root_of(int pid) {
  for (int i = 0; i < root_count; i++) {
    if (roots[i].pid == pid) return i;
  }
  return -1;
}

// Notes one process; a pid that was used again is a new one.
static void meet(int pid) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  if (!read_text(path, text, sizeof text)) return;
  char *rest = strrchr(text, ')');
  int parent = 0;
  uint64_t start = 0;
  if (!rest || sscanf(rest + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64,
                      &parent, &start) != 2)
    return;
  struct member *it = find_member(pid);
  if (!it) {
    if (member_count == MOST_MEMBERS) return;
    it = &members[member_count++];
    *it = (struct member){.pid = pid, .root = root_of(pid), .start = start};
  } else if (it->start != start) {
    *it = (struct member){.pid = pid, .root = root_of(pid), .start = start};
  }
  it->parent = parent;
  it->seen = true;
}

static int owner_of(const struct member *it) {
  for (int depth = 0; it && depth < 64; depth++, it = find_member(it->parent)) {
    if (it->root >= 0) return it->root;
  }
  return -1;
}

static void forget_the_dead(void) {
  int kept = 0;
  for (int i = 0; i < member_count; i++) {
    if (members[i].seen) members[kept++] = members[i];
  }
  member_count = kept;
}

static void meet_all(void) {
  for (int i = 0; i < member_count; i++) members[i].seen = false;
  DIR *all = opendir("/proc");
  for (struct dirent *entry; all && (entry = readdir(all));) {
    int pid = atoi(entry->d_name);
    if (pid > 0) meet(pid);
  }
  if (all) closedir(all);
  forget_the_dead();
  for (int i = 0; i < member_count; i++) members[i].root = owner_of(&members[i]);
}

// ---- what they did

static void add_io(struct root *root, int pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/io", pid);
  if (!read_text(path, text, sizeof text)) return;
  uint64_t v[IO_COUNT];
  if (sscanf(text,
             "rchar: %" SCNu64 " wchar: %" SCNu64 " syscr: %" SCNu64 " syscw: %" SCNu64 " read_bytes: %" SCNu64
             " write_bytes: %" SCNu64,
             &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]) != IO_COUNT)
    return;
  for (int i = 0; i < IO_COUNT; i++) root->io[i] += v[i];
}

static void add_cpu(struct root *root, struct member *it) {
  clockid_t clock;
  if (clock_getcpuclockid(it->pid, &clock) != 0) return;
  uint64_t ns = now_ns(clock);
  if (ns < it->cpu_ns) return;
  root->cpu_ns += ns - it->cpu_ns;
  it->cpu_ns = ns;
}

static void add_switches(struct root *root, struct member *it) {
  char path[320], text[4096];
  uint64_t sum = 0;
  snprintf(path, sizeof path, "/proc/%d/task", it->pid);
  DIR *tasks = opendir(path);
  for (struct dirent *entry; tasks && (entry = readdir(tasks));) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "/proc/%d/task/%s/status", it->pid, entry->d_name);
    const char *line = read_text(path, text, sizeof text) ? strstr(text, "\nvoluntary_ctxt_switches:") : NULL;
    if (line) sum += strtoull(strchr(line, ':') + 1, NULL, 10);
  }
  if (tasks) closedir(tasks);
  if (sum > it->switches) root->switches += sum - it->switches; // a thread that ended takes its own along
  it->switches = sum;
}

// ---- TCP

static struct flow *find_flow(uint32_t inode) {
  for (int i = 0; i < flow_count; i++) {
    if (flows[i].inode == inode) return &flows[i];
  }
  return NULL;
}

static void claim_flows(const struct member *it) {
  char path[320], link[64];
  snprintf(path, sizeof path, "/proc/%d/fd", it->pid);
  DIR *fds = opendir(path);
  for (struct dirent *entry; fds && (entry = readdir(fds));) {
    snprintf(path, sizeof path, "/proc/%d/fd/%s", it->pid, entry->d_name);
    ssize_t length = readlink(path, link, sizeof link - 1);
    if (length <= 0) continue;
    link[length] = '\0';
    unsigned inode;
    struct flow *flow = sscanf(link, "socket:[%u]", &inode) == 1 ? find_flow(inode) : NULL;
    if (flow) flow->root = it->root;
  }
  if (fds) closedir(fds);
}

static void note_flow(uint32_t inode, uint64_t bytes, bool first, int64_t *moved) {
  struct flow *flow = find_flow(inode);
  if (!flow) {
    if (flow_count == MOST_SOCKETS) return;
    flow = &flows[flow_count++];
    *flow = (struct flow){.inode = inode, .root = -1, .bytes = first ? bytes : 0};
  }
  moved[flow - flows] = (int64_t)(bytes - flow->bytes);
  flow->bytes = bytes;
  flow->seen = true;
}

static void note_message(const struct nlmsghdr *header, bool first, int64_t *moved) {
  const struct inet_diag_msg *message = NLMSG_DATA(header);
  const struct rtattr *attribute = (const struct rtattr *)(message + 1);
  int left = (int)NLMSG_PAYLOAD(header, sizeof *message);
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    struct tcp_info info = {0};
    if (attribute->rta_type != INET_DIAG_INFO || message->idiag_inode == 0) continue;
    size_t size = RTA_PAYLOAD(attribute);
    memcpy(&info, RTA_DATA(attribute), size < sizeof info ? size : sizeof info);
    note_flow(message->idiag_inode, info.tcpi_bytes_acked + info.tcpi_bytes_received, first, moved);
  }
}

static void dump_family(int fd, int family, bool first, int64_t *moved) {
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 body;
  } request = {
      .header = {.nlmsg_len = sizeof request,
                 .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
      .body = {.sdiag_family = (uint8_t)family,
               .sdiag_protocol = IPPROTO_TCP,
               .idiag_ext = 1 << (INET_DIAG_INFO - 1),
               .idiag_states = ~0u},
  };
  if (send(fd, &request, sizeof request, 0) < 0) return;
  static _Alignas(struct nlmsghdr) char buffer[1 << 16];
  for (;;) {
    ssize_t length = recv(fd, buffer, sizeof buffer, 0);
    if (length <= 0) return;
    int left = (int)length;
    for (struct nlmsghdr *header = (void *)buffer; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) return;
      note_message(header, first, moved);
    }
  }
}

static void add_net(int fd, bool first) {
  static int64_t moved[MOST_SOCKETS];
  memset(moved, 0, sizeof moved);
  for (int i = 0; i < flow_count; i++) flows[i].seen = false;
  dump_family(fd, AF_INET, first, moved);
  dump_family(fd, AF_INET6, first, moved);
  for (int i = 0; i < member_count; i++) {
    if (members[i].root >= 0) claim_flows(&members[i]);
  }
  int kept = 0;
  for (int i = 0; i < flow_count; i++) {
    if (!flows[i].seen) continue;
    if (flows[i].root >= 0 && moved[i] > 0) roots[flows[i].root].net += (uint64_t)moved[i];
    flows[kept++] = flows[i];
  }
  flow_count = kept;
}

// ---- a second

static void sample(int fd, bool first) {
  uint64_t before[MOST_ROOTS][IO_COUNT];
  meet_all();
  for (int i = 0; i < root_count; i++) {
    memcpy(before[i], roots[i].io, sizeof before[i]);
    roots[i] = (struct root){.pid = roots[i].pid};
  }
  for (int i = 0; i < member_count; i++) {
    if (members[i].root < 0) continue;
    struct root *root = &roots[members[i].root];
    add_io(root, members[i].pid);
    add_cpu(root, &members[i]);
    add_switches(root, &members[i]);
  }
  add_net(fd, first);
  for (int i = 0; i < root_count; i++) {
    for (int k = 0; k < IO_COUNT; k++) {
      int64_t delta = (int64_t)(roots[i].io[k] - before[i][k]);
      roots[i].delta[k] = delta > 0 ? delta : 0; // who nobody waited for takes its own along
    }
  }
}

static void print_sample(void) {
  uint64_t now = now_ns(CLOCK_MONOTONIC);
  for (int i = 0; i < root_count; i++) {
    const struct root *root = &roots[i];
    printf("%" PRIu64 " %d", now, root->pid);
    for (int k = 0; k < IO_COUNT; k++) printf(" %" PRId64, root->delta[k]);
    printf(" %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", root->net, root->cpu_ns, root->switches);
  }
  fflush(stdout);
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc && root_count < MOST_ROOTS; i++) roots[root_count++].pid = atoi(argv[i]);
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  sample(fd, true);
  struct timespec due;
  clock_gettime(CLOCK_MONOTONIC, &due);
  for (;;) {
    due.tv_sec++;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL) == EINTR) {}
    sample(fd, false);
    print_sample();
  }
}
