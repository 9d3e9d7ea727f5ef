---@meta watchio.native
-- SPDX-License-Identifier: MIT
-- The C module: the engine for Lua. Everything above it is Lua; nothing above it parses /proc.
--
-- Inside watchio a time is an integer number of nanoseconds (names end in `_ns`) on CLOCK_MONOTONIC; seconds are for users.
-- Watches, targets and alarms are integers that are never used twice, so a stale id never means another object. A call that
-- fails returns `nil, message, code` with a code such as "ESRCH"; wrong use raises an error.

---@class watchio.native
local native = {}

---The names of all measures: the seven counters of io in the kernel's order, "rchar", "wchar", "syscr", "syscw",
---"read_bytes", "write_bytes", "cancelled_write_bytes"; then "net_rx", "net_tx" in bytes and "cpu" in seconds.
---@type string[]
native.measures = {}

---@alias watchio.native.Kind "io"|"net"|"cpu"

---The version of watchio, e.g. "0.1.0".
---@type string
native.version = ""

---The releases of Lua and luv that it was built with, e.g. "Lua 5.4.4, luv 1.44.2".
---@type string
native.built_with = ""

---Parses a duration: a number of seconds, or a string such as "250ms", "10s", "5m", "1h30m", "2d".
---@param value number|string
---@return integer? ns
---@return string? message `bad duration "3x" (want e.g. "30s", "1h30m")`
function native.duration(value) end

---Parses an amount of bytes, "10GB" or "1.5MiB".
---@param text string
---@return number? bytes
function native.bytes(text) end

---Parses a rate of bytes, "4KB/s" or "1GB/h", into bytes a second.
---@param text string
---@return number? rate
function native.byte_rate(text) end

---Parses a rate of events, "20/s" or "5/m", into events a second.
---@param text string
---@return number? rate
function native.count_rate(text) end

---Parses a share of one core, "1%", into seconds a second.
---@param text string
---@return number? share
function native.share(text) end

---The shortest text for a duration: 5400000000000 → "1h30m", 250000000 → "250ms".
---@param ns integer
---@return string
function native.format_duration(ns) end

---The amount in people's units: 3100 → "3.1 kB", 12 → "12 B".
---@param bytes integer
---@return string
function native.format_bytes(bytes) end

---@class watchio.native.User
---@field name string
---@field home string
---@field shell string
---@field uid integer
---@field gid integer
---@field groups integer[] all of them, the first one too

---A user by name or by a number in digits, from wherever the system keeps its users. May ask the network.
---@param user string
---@return watchio.native.User? found
---@return string? message
---@return string? code "ENOENT": there is none
function native.user(user) end

---Whether commands may be run as another user (CAP_SETUID and CAP_SETGID).
---@return boolean
function native.may_change_user() end

---Whether a priority changes anything on this machine, as far as that can be told.
---@param verb "nice"|"ionice"
---@return boolean
function native.priority_acts(verb) end

---Calls `start(...)`, which starts a command, and returns its results. The command gets the limit of open files that this
---process was given, not the one that was raised for watching, and none of its capabilities (its ambient and inheritable sets
---are emptied). With a user it gets that user's groups too: then luv.spawn must be told its uid and gid as well.
---@param user? watchio.native.User
---@param start function
---@param ... any
---@return any ... or nil, a message and a code
function native.launch(user, start, ...) end

---Opens a file as a user: in a child that has become that user, so that it can open and make only files that the user could.
---The descriptor is the caller's to close.
---@param user watchio.native.User
---@param path string
---@param flags integer of open(2)
---@param mode integer of a file that is made
---@return integer? fd
---@return string? message
---@return string? code
function native.open_as(user, path, flags, mode) end

---A descriptor for a standard input that holds the text. The caller closes it.
---@param text string
---@return integer? fd
---@return string? message
---@return string? code
function native.input(text) end

---Writes as much as the descriptor takes without a wait for a reader: all of the text, a part, or nothing. The descriptor may
---be a blocking one that others share; its flags stay as they are.
---@param fd integer
---@param text string
---@return integer? written bytes
---@return string? message
---@return string? code "EPIPE" when nobody can read it any more
function native.write_now(fd, text) end

---The descriptor of an open file.
---@param stream file*
---@return integer
function native.descriptor(stream) end

---How many cells a terminal has; 0 where it does not say.
---@param fd integer
---@return integer? columns nil when it is no terminal
---@return integer|string rows or the message
---@return string? code
function native.terminal_size(fd) end

---Runs a command for the caller of this program: makes this process the subreaper of all descendants of the command, and
---takes its signals. Only one at a time; nobody may wait for luv's own children meanwhile.
---@return watchio.native.Reaper? reaper
---@return string? message
---@return string? code
function native.reaper() end

---@class watchio.native.Reaper
local Reaper = {}

---Starts the command in this process's own group and terminal. The first word is searched in PATH.
---@param argv string[]
---@return integer? pid
---@return string? message
---@return string? code "ENOENT", "EACCES", … when it cannot be executed
function Reaper:start(argv) end

---Readable while a signal waits.
---@return integer fd owned by the reaper
function Reaper:descriptor() end

---Takes the oldest signal: CHLD, TERM, HUP, INT, QUIT, USR1, USR2, ALRM, WINCH, CONT or TSTP.
---@return integer? number nil when none waits
---@return integer? sender the pid of who sent it, 0 when that is outside of this pid namespace; nil: the kernel, as for a key of
---the terminal, which all of the terminal's foreground processes get
function Reaper:signal() end

---Takes a change of a child. A child that has ended is reaped by that.
---@return integer|false|nil pid nil when nothing has changed, false when there are no children
---@return "exited"|"killed"|"stopped"|"continued"|nil change
---@return integer? value the status or the signal
function Reaper:change() end

---Stops this process as a ^Z does, so that a shell with job control takes the terminal back. Returns once the process was
---continued, or at once if there is no such shell.
function Reaper:stop() end

---Signals every child.
---@param number integer 0 only lists them
---@return integer[]? pids
---@return string? message
---@return string? code
function Reaper:kill(number) end

---The total of all processes that were waited for, orphans included: the counters of io, if they can be read, and cpu in
---seconds.
---@return table<string, number>
function Reaper:spent() end

---Restores everything; children that are left go on. Harmless twice.
function Reaper:close() end

---@class watchio.native.Copy what the program's own file does to who starts it
---@field setid boolean it is setuid or setgid
---@field lends boolean it has capabilities
---@field lends_more boolean and others than those that reading counters takes
---@field at_once boolean they are in effect from the start
---@field for_anybody boolean everybody may execute it

---For a process that gets orphans as its children (the first of a container): waits for all children that have ended, except
---the given ones, which luv waits for.
---@param own integer[] pids
---@return boolean again one of these stands in the way: to be called again soon
function native.reap_others(own) end

---The rights of this process here. `missing`: why something does not work, or false if it does.
---@return { capable: table<string, boolean>, copy: watchio.native.Copy, missing: table<"io"|"net"|"cpu"|"pidfd", string|false>, hidepid: string, files: integer, most_files: integer }?
---@return string? message
---@return string? code
function native.rights() end

---Gives up the capabilities of the program's file (setcap) for good, before a user's code or a command runs.
---@return boolean? given_up false where there is nothing to give up
---@return string? message
---@return string? code
function native.give_up() end

---Whether the kernel's own process tree is mounted: without it no process is ever seen.
---@return boolean
function native.sees_processes() end

---`find`, `match`, `gmatch` and `gsub` as in Lua's string library, with the same results and errors; but a slice of a budget can
---end while they match.
---@type table<string, function>
native.strings = {}

---@class watchio.native.BudgetOptions
---@field time_ns? integer CPU time that a slice may take; 0 or none: any
---@field memory? integer bytes that Lua may take during a slice; 0 or none: any number. It is looked at between two steps of the
---policy; what goes beyond it by a quarter at once fails by itself
---@field memory_message? string what is raised then
---@field library string what the chunk names of functions begin with in which nothing is raised

---Makes a budget: it bounds the CPU time and memory of a policy's code in one slice, from a call or a resume to the next
---wait. Beyond them an error is raised at the policy's next instruction, and at every further one until the slice ends.
---@param options watchio.native.BudgetOptions
---@return watchio.native.Budget
function native.budget(options) end

---@class watchio.native.Budget
local Budget = {}

---Bounds a coroutine, and coroutines made in it, while it runs in a slice. A debug hook that is there already stays, and then
---nothing is bounded.
---@param thread thread
function Budget:cover(thread) end

---Calls `act(...)` as a slice of its own, also within another. Returns its results and raises its errors.
---@param subject string what computes, in the message: "handler"
---@param act function
---@param ... any
---@return any ...
function Budget:call(subject, act, ...) end

---Whether the running slice has used up its bounds.
---@return boolean
function Budget:is_over() end

---@class watchio.native.MonitorOptions
---@field root? string the /proc to look at (default "/proc"). Another root is a fake or recorded tree: its processes have no
---CPU clock, no pidfd and take no signal; a process ends when its directory goes.

---Makes a monitor: all watches, targets and alarms of one loop or one spec.
---@param options? watchio.native.MonitorOptions
---@return watchio.native.Monitor? monitor
---@return string? message
---@return string? code
function native.monitor(options) end

---@class watchio.native.Selector which processes; all given keys must hold, a list means any of. At least one key.
---@field pids? integer[]
---@field names? string[] globs on the command's name: the kernel's, the whole of a cut one, what an interpreter runs, the
---executable behind a title
---@field cmds? string[] POSIX extended regular expressions on the command line
---@field uids? integer[] effective user ids
---@field exes? string[] globs on the executable's path; `*` matches slashes too
---@field units? string[] systemd units, templates (`getty@`: all instances) or globs; ".service" may be left out
---@field cgroups? string[] paths of control groups, each with all below it
---@field ports? integer[] ports that the process listens on in its own network namespace: of TCP, or with 0x10000 of UDP
---@field pidfiles? string[] files that hold the process's pid
---@field starts? integer[] when the process began, in clock ticks since boot
---@field any? watchio.native.Selector[] it must match one of them as well; a pid in them is no promise that nobody comes later
---@field excepts? watchio.native.Selector[] what matches one of them, or cannot be told not to, does not match; none of these
---has `excepts` or `where`
---@field where? fun(process: watchio.Process): boolean the engine only asks: each match is a candidate, see Monitor:answer;
---Monitor:find leaves it to the caller

---@class watchio.native.Limit
---@field measure string one of native.measures
---@field rate? boolean a rate, what is done a second; else a total since the target was first seen
---@field above number over it is more than that: bytes, calls or seconds run
---@field below? number of a rate: under it again is at most that; default `above`
---@field hold_ns? integer of a rate: how long it is above, or at most `below`, before that is told; default 0: one look

---@class watchio.native.WatchOptions : watchio.native.Selector
---@field per? "tree"|"process"|"all"|"name"|"user"|"unit" what is one target: each topmost match and all its descendants
---(default), each match alone, all matches together, those of one name, one user, or one systemd unit
---@field counts? watchio.native.Kind[] the kinds that count as activity; only these are read, and those of the limits. Default
---all
---@field limits? watchio.native.Limit[] judged at each sample
---@field samples? boolean the event "sample" is told at each sample
---@field floor? { io: number?, calls: number?, net: number?, cpu: number? } how much of each is only noise, a second:
---bytes, calls, bytes, seconds run. Default 0: anything counts
---@field floor_if_shown? { io: number?, calls: number?, net: number?, cpu: number? } the same for targets of which io and
---net show all that they can do: no datagrams, Unix sockets, io_uring, devices or shared memory. Default: `floor`
---@field every_ns integer the sampling interval, at least 10 ms
---@field idle_ns? integer the quiet time until a target is idle; without it nothing becomes idle
---@field events? watchio.native.EventType[] what crosses to Lua; default all but "alarm" and "noise"
---@field noise? boolean "noise" crosses as well: what moved below its floor
---@field patient? boolean who is born is looked at only at the intervals and before a verdict
---@field orphans? boolean who becomes a child of this very process joins the watch's first target: for a subreaper

---@alias watchio.native.EventType
---| "start"      # a target appeared
---| "active"     # a kind rose above its floor, coming from quiet, idle or unknown
---| "idle"       # none did for idle_ns
---| "exit"       # its last process ended
---| "leave"      # its process lives, but is no longer what the watch names; the last that is told of this target
---| "unreadable" # a kind that counts cannot be read; `kind` says which, `message` why and what would mend it
---| "readable"   # all that count can be read again
---| "missing"    # a pid of the watch is no process; without `pid`: nothing matches yet; no target
---| "candidate"  # process `pid` matches all but `where`: Monitor:answer is waited for; no target
---| "waiting"    # quiet for long enough, but not idle: a process of it waits, see `waits_for`
---| "noise"      # something moved, but not above its floor; only where it is asked for
---| "finished"   # nothing is left that this watch could ever see (all its pids are gone); no target
---| "over"       # the target is over limit `limit`; `why` and `moved_in_ns` tell of the stretch that made it so
---| "under"      # it is under that limit again
---| "unjudged"   # limits are not judged: `kind`, which does not count, cannot be read; told once for each kind
---| "sample"     # the watch has sampled it: `moved` and `moved_in_ns` since the sample before; only with `samples`
---| "alarm"      # an alarm's time has come; only `alarm` and `time_ns`

---@class watchio.native.Event
---@field type watchio.native.EventType
---@field time_ns integer
---@field watch? integer
---@field target? integer
---@field pid? integer
---@field name? string
---@field idle_for_ns? integer
---@field why? table<watchio.native.Kind, table<string, number>> kind → measures that moved and by how much, since the
---reading before
---@field moved? table<string, number> of a sample: all measures of the kinds that are known, also those that did not move
---@field moved_in_ns? integer how long that was
---@field waits_for? "kernel"|"cpu" of waiting, and of activity that is nothing else: what for
---@field gain? table<string, number> of noise: what moved, by the names of the floors; cpu in seconds
---@field limit? integer place among the watch's limits
---@field last? table<string, number> for idle: what was last above a floor, by the names of the floors; cpu in seconds
---@field kind? watchio.native.Kind for unreadable and unjudged
---@field total? table<string, number> the measures of the known kinds that count, since the target was first seen
---@field at_least? boolean beside `total`: more was read and written than that
---@field longest_quiet_ns? integer for exit: the longest time that nothing of it rose above its floor
---@field joined? integer for exit: how many processes of it were seen
---@field most? integer for exit: how many of them at once
---@field message? string for unreadable, unjudged and missing
---@field code? string for unreadable, unjudged and missing, e.g. "EACCES"
---@field alarm? integer

---@class watchio.native.Process a process at one look
---@field pid integer
---@field ppid integer
---@field name string the command's name (comm)
---@field cmd string the command line, arguments joined by blanks; the name in brackets when there is none
---@field other_names string[] what it goes by besides: the whole of a cut name, what an interpreter runs, the executable behind
---a title
---@field exe? string the executable's path, where it may be read
---@field cgroup? string its path among the control groups, where systemd's units are
---@field unit? string the innermost systemd service or scope that it is in
---@field denied? string why it could not be told whether it matches
---@field uid integer effective user id
---@field state string one letter as in ps: R S D T Z …
---@field ended boolean a zombie whose threads have all ended
---@field kernel_thread boolean
---@field start_ticks integer start time in clock ticks since boot: with the pid, the process's identity

---@class watchio.native.Target : watchio.native.Process its first process, with what is known of the whole
---@field target integer
---@field pids integer[] its living processes, parents first
---@field watch integer
---@field judged "quiet"|"active"|"idle"|"unknown"
---@field blind boolean a kind that counts cannot be read
---@field idle_for_ns integer quiet since
---@field since_ns integer when it was first seen
---@field stirred table<string, number> what was last above a floor, by the names of the floors; cpu in seconds
---@field longest_quiet_ns integer the longest time that nothing of it rose above its floor
---@field joined integer how many processes of it were seen
---@field most integer how many of them at once
---@field moved? table<string, number> between the latest two samples, where its watch has limits or samples
---@field moved_in_ns? integer how long that was
---@field total? table<string, number>
---@field at_least? boolean more was read and written than that

---@class watchio.native.Monitor
local Monitor = {}

---Adds a watch. Its processes are searched at the next tick, which is due at once; every selector is compiled here.
---@param options watchio.native.WatchOptions
---@return integer? watch
---@return string? message e.g. `bad regular expression "(": Unmatched ( or \(`
---@return string? code
function Monitor:watch(options) end

---Removes a watch and its targets. Its undelivered events are dropped. Harmless if the watch is gone already.
---@param watch integer
function Monitor:unwatch(watch) end

---Changes the sampling interval of a watch; its targets stay as they are. Harmless if the watch is gone.
---@param watch integer
---@param every_ns integer at least 10 ms
function Monitor:retime(watch, every_ns) end

---Stops the quiet time of the watch's targets, or lets it go on. Meanwhile none becomes idle; activity is reported all the
---same. Harmless if the watch is gone, and twice.
---@param watch integer
---@param held boolean
function Monitor:hold(watch, held) end

---Answers a candidate, once for each: whether the process matches. A process that has ended, or whose pid now belongs to
---another, is left out. Harmless if the watch is gone.
---@param watch integer
---@param pid integer
---@param start_ticks integer
---@param matches boolean
---@return true?
---@return string? message
---@return string? code
function Monitor:answer(watch, pid, start_ticks, matches) end

---The process that a pidfile names now, or else why it names none.
---@param path string
---@return integer? pid
---@return string? message `it names process 812, but it started after the file was written`
---@return string? code "ENOENT", "EPERM" anybody may write it, "EBADMSG" no pid in it, "ESRCH" it names nobody that it could
function Monitor:pidfile(path) end

---@param watch integer
---@return integer[] targets in the order they were first seen; empty when the watch is gone
function Monitor:targets(watch) end

---@param target integer
---@return watchio.native.Target? snapshot nil when it has ended or its watch was stopped
function Monitor:target(target) end

---@class watchio.native.Survey all targets of a watch at once, in columns: index i of each is the same target, in the order they
---were first seen
---@field count integer
---@field target integer[]
---@field pid integer[] of its first process
---@field ppid integer[] of that, as it was last looked up; 0 once it has ended
---@field name string[]
---@field judged ("quiet"|"active"|"idle"|"unknown")[]
---@field blind boolean[] whether a kind that counts cannot be read, though it can be active by another
---@field idle_for_ns integer[]
---@field busy (number|false)[] between its latest two samples, the most of io, calls, net and cpu, each in its unit; of the
---kinds that are known, false where none is
---@field [string] (number|false)[] a measure, a second between the same two samples; false where it is not known

---The activity of all targets of a watch with `samples`, for lists of thousands. Exact to the latest sample. Columns of
---measures that are not requested any more stay as they are.
---@param watch integer
---@param measures string[] see native.measures
---@param units { io: number?, calls: number?, net: number?, cpu: number? } a second: bytes, calls, bytes, seconds run; what has no
---unit does not make a target busy
---@param into? watchio.native.Survey one that is no longer needed: its tables are filled again
---@return watchio.native.Survey survey of nobody when the watch is gone
function Monitor:survey(watch, measures, units, into) end

---@param target integer
---@return integer[]? pids its living processes, parents first; nil when it has ended or its watch was stopped
function Monitor:pids(target) end

---@param target integer
---@return "quiet"|"active"|"idle"|"unknown"|nil state nil when it has ended or its watch was stopped
function Monitor:state(target) end

---Reads the target now, past the CPU-clock gate, and judges it: "moved" is above a floor, and counts as activity as in any tick.
---@param target integer
---@return "moved"|"quiet"|"unknown"|"gone"
function Monitor:look(target) end

---Asks whether an idle target wants to run and gets no processor. After "perhaps" a second question, 100 ms later, tells.
---@param target integer
---@return "no"|"perhaps"|"yes"
function Monitor:starves(target) end

---Whether the watch still names the target's first process; an exec may have made another program of it. True if the process
---has ended before the others, or there is no such target.
---@param target integer
---@return boolean
function Monitor:still_matches(target) end

---Sends a signal to every process of the target, parents first, through pidfds; in a tree also to processes that are forked
---meanwhile, see Pinned:signal. If one of them is pid 1, this process, one of its ancestors, a kernel thread or protected,
---the signal is refused with "EPERM" and nothing is sent; the message names that process.
---@param target integer
---@param signal integer 0 only asks whether it lives
---@return true?
---@return string? message `sshd[812] of root is protected by its name`
---@return string? code "ESRCH" when it has ended, "EPERM", "ENOTSUP" under a fake root
function Monitor:signal(target, signal) end

---@class watchio.native.Protections lists of globs
---@field named? string[] names that protect whoever bears them, matched as `names` of a selector
---@field system? string[] names that protect processes of root's, and programs of root's
---@field programs? string[] the executables of these programs, matched as `exes` of a selector
---@field session? string[] those of `system` that also protect processes of the user who runs this one

---Sets the names of processes that get no signal from here, like pid 1, this process, its ancestors and kernel threads. The
---names at the moment of the signal count. A process of which this is unknown gets none either.
---@param protections watchio.native.Protections they take the place of those before
---@return true?
---@return string? message when one is no glob
---@return string? code
function Monitor:protect(protections) end

---Pins the target's living processes apart from any watch: the pidfds outlive the target, for the end of a kill.
---@param target integer
---@return watchio.native.Pinned?
---@return string? message
---@return string? code
function Monitor:pin(target) end

---Lists the living descendants of a target's processes that are not part of the target.
---@param target integer
---@return integer[]? pids
---@return string? message
---@return string? code
function Monitor:descendants(target) end

---@class watchio.native.Pinned
local Pinned = {}

---As Monitor:signal, with the same refusals; works also if the target or its watch is gone. All processes are stopped until
---no new one appears: before KILL and STOP, before a signal that is to end several processes of a tree, and while the tree
---grows. Then those that were not stopped before are continued. If the kernel reports births, a child is found even if its
---parent has already exited.
---
---With `in_slices` this and the methods below do a bounded piece of the work: the code "EAGAIN" asks for the same call again,
---once the loop has had its turn. Another call, and `close`, give up the rest, and stopped processes go on.
---@param signal integer
---@param ends? boolean it is to end them
---@param in_slices? boolean
---@return true?
---@return string? message
---@return string? code
function Pinned:signal(signal, ends, in_slices) end
---Sets the nice value of every thread of every process, including those that are forked meanwhile.
---@param value integer -20 to 19
---@param in_slices? boolean
---@return true?
---@return string? message
---@return string? code "ESRCH", "EPERM", "EACCES" lower than allowed, "ENOTSUP" under a fake root
function Pinned:nice(value, in_slices) end
---Sets the I/O priority of the same threads.
---@param class "realtime"|"best-effort"|"idle"
---@param level? integer 0 (most) to 7; default 0
---@param in_slices? boolean
---@return true?
---@return string? message
---@return string? code "ESRCH", "EPERM", "ENOTSUP" under a fake root
function Pinned:ionice(class, level, in_slices) end
---Whether any process lives, including those that were forked meanwhile; a zombie has ended.
---@param in_slices? boolean
---@return boolean?
---@return string? message
---@return string? code "EAGAIN"
function Pinned:alive(in_slices) end
---@param in_slices? boolean
---@return integer[]? pids of the living, those that were forked meanwhile included; parents first
---@return string? message
---@return string? code "EAGAIN"
function Pinned:pids(in_slices) end
---Why the processes would get no signal now, as Monitor:signal says; nil if they would.
---@param in_slices? boolean
---@return string?
---@return string? message
---@return string? code "EAGAIN"
function Pinned:refusal(in_slices) end
function Pinned:close() end

---Leaves the processes of a session out of every pattern, or lets them match again: for commands that watchio itself started
---(each leads a session of its own). A pid that is named matches all the same.
---@param session integer
---@param ignored boolean
function Monitor:ignore(session, ignored) end

---Sets an alarm: an event of type "alarm" once `at_ns` has come.
---@param at_ns integer
---@return integer alarm
function Monitor:alarm(at_ns) end

---Cancels an alarm; harmless if it has rung or was cancelled.
---@param alarm integer
function Monitor:cancel(alarm) end

---Makes one pass at `now_ns`: births, exits, due readings, deadlines, alarms. It never runs Lua.
---@param now_ns integer never less than the time before
---@return true?
---@return string? message
---@return string? code
function Monitor:tick(now_ns) end

---@return watchio.native.Event? event the oldest undelivered one
function Monitor:next() end

---@return integer? ns when the next tick is due; nil when nothing is waited for
function Monitor:due() end

---The time of the latest tick; on a loop, the time now.
---@return integer ns
function Monitor:now() end

---Puts the monitor on luv's loop: one timer on an absolute schedule, and exits at once. `on_event(event)` is called on the
---main state for every event; an error in it goes to `on_error(traceback)` and the rest goes on. The loop is kept alive
---only while something is due.
---@param on_event fun(event: watchio.native.Event)
---@param on_error fun(traceback: string)
---@param on_late? fun(late_ns: integer) a tick came a second or more behind its time
function Monitor:attach(on_event, on_error, on_late) end

---Closes the loop's handles. Harmless twice.
function Monitor:detach() end

---Frees everything; every later call but close raises "monitor is closed".
function Monitor:close() end

---The processes that match now, apart from `where`. watchio itself matches only its pid.
---@param selector watchio.native.Selector
---@return watchio.native.Process[]? processes in order of pid
---@return watchio.native.Process[]|string unknown those of which that cannot be told, see `denied`; or the message
---@return watchio.native.Process[]|string? left_out what runs watchio, and other watchios: only their pids name them; or the
---code
function Monitor:find(selector) end

---Signals the living processes of the session of a launched command, whatever process groups they make.
---@param session integer the command's pid
---@param number integer
---@return true?
---@return string? message
---@return "ESRCH"|"EPERM"|string? code
function Monitor:signal_launched(session, number) end

---Whether one of them still lives; true also if this is unknown.
---@param session integer
---@return boolean
function Monitor:launched_live(session) end

---@param pid integer
---@return watchio.native.Process?
---@return string? message `no process 4711`
---@return string? code
function Monitor:describe(pid) end

---The seven counters of a process now. For watchio itself the reads of this monitor are left out.
---@param pid integer
---@return table<string, integer>?
---@return string? message
---@return string? code
function Monitor:io(pid) end

---All kinds of a process now: the measures of kinds that can be read, and why the others cannot be. Earlier bytes of its
---connections are unknown, so `net_rx` and `net_tx` are 0.
---@param pid integer
---@return { unreadable: table<watchio.native.Kind, string>, hidden: boolean, [string]: number }? reading `hidden`: it may do
---what neither io nor net shows
---@return string? message
---@return string? code
function Monitor:reading(pid) end

---Counts from now on how many processes a process and all its descendants fork, however short they live. The count is lost
---with the last watch of a tree or a pattern.
---@param pid integer
---@return true?
---@return string? message
---@return string? code "ENOTSUP", "EPERM" where the kernel does not tell of births
function Monitor:count_forks(pid) end

---How many processes they have forked; ask at the end.
---@return integer?
---@return string? message
---@return string? code "EOVERFLOW" when they were more than the kernel could tell of
function Monitor:forks() end

---Statistics of the monitor since it was made. `births` says how births and changes are found: the kernel reports them (proc
---connector), or they are searched at intervals; "scan" before a watch has searched for any.
---@return { ticks: integer, reads: integer, gated: integer, scans: integer, processes: integer, pinned: integer, lua_calls: integer, late_ns: integer, births: "connector"|"scan" }
function Monitor:stats() end

return native
