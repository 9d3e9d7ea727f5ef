---@meta watchio
-- SPDX-License-Identifier: MIT
-- The verbs of a policy, also as `local watchio = require "watchio"`. An editor completes them from here.

---@class watchio
local watchio = {}

---A number of seconds, or a string such as "250ms", "10s", "5m", "1h30m", "2d".
---@alias watchio.Duration number|string

---A function, a shell line (short for `run`), or a list of actions that are done in order, each
---after the one before has finished. A list ends at an action that fails or is skipped, and at a
---function that returns false. So a `kill` never follows a save that failed.
---@alias watchio.Action fun(target: watchio.Target?, event: watchio.Event): boolean?, string?
---| string
---| watchio.Action[]

---@class watchio.Rounds
---@field every watchio.Duration at least "10ms"
---@field [integer] watchio.Action one or more, done in order

---A process as `where` sees it. A field that does not exist raises an error.
---@class watchio.Process
---@field pid integer
---@field ppid integer
---@field name string the kernel's
---@field other_names string[] its other names, see the key `name`
---@field cmd string the command line; the name in brackets when there is none
---@field exe string? the executable's path, where it may be read
---@field user string the name, or the uid's digits
---@field uid integer
---@field unit string? the innermost systemd service or scope
---@field cgroup string? the path of its control group
---@field started integer seconds since the epoch
---@field kernel_thread boolean

---Processes to leave out of a watch: a name, a pid, a table of keys that must all match, or a list of these. If an exception
---cannot be checked for a process, the process is left out. Only matches are checked, not the descendants in their targets.
---@alias watchio.Except string|integer|watchio.Names|(string|integer|watchio.Names)[]

---Names processes. A process must match every key you give. A list of values means any of them.
---@class watchio.Names
---@field [integer] string|integer a glob on the name, or a pid (also as its digits); of several values, or a list, any
---@field pid? integer|integer[]
---@field name? string|string[] glob on the command's name. The kernel's name matches, and the whole name if the kernel cut it
---at 15 characters. If the process renamed itself, the name of its program matches, too. Of an interpreter, the name of what
---it runs matches, too (`http.server`, `app.js`, `x.jar`). If the process gave itself a title (setproctitle), its first word and
---the executable's base name match as well. A script that names its interpreter (`#!`) matches by its own name only
---@field cmd? string|string[] POSIX extended regular expression on the whole command line
---@field user? string|integer|(string|integer)[] names or uids
---@field exe? string|string[] glob on the executable's path, `"/opt/app/*"`; `*` matches slashes, too. An executable that was
---replaced keeps the path that it had. Without privilege the paths of others' processes cannot be read, so these do not match
---@field unit? string|string[] systemd unit, of the system or a user, that contains the process at any depth: `"nginx"` (a
---service), `"session-2.scope"`, `"user.slice"`, a template for all its instances `"getty@"`, or a glob. Write it as in the
---cgroup, with systemd's escapes. A move to another unit is noticed within a minute
---@field cgroup? string|string[] path of a control group, with all below it; also as the directory under /sys/fs/cgroup
---@field port? integer|string|(integer|string)[] TCP port on which the process listens, IPv4 or IPv6, in its own network
---namespace; `"udp:53"`: a port of UDP from which it takes datagrams of anybody. A process
---that begins to listen is found within one interval or a second, whichever is longer
---@field pidfile? string|string[] file that holds the pid. The file is read again at each interval and may appear later. It
---never names a process that started after the file was written. If root or watchio's own user owns the file and each folder
---and link on its way, it may name any process. Otherwise it names only processes of the user who owns all of these. It names
---no process if anybody may write the file or a folder on its way, or if several users own parts of the way. While the file
---is empty for a moment, it names the same process as before

---Which processes a watch is for.
---@class watchio.Selector : watchio.Names
---@field except? watchio.Except
---@field where? fun(process: watchio.Process): any asked last, once for each process that could join (again for a second
---after its birth, and once a minute), and before a kill. If the function raises an error, the process does not match; each
---message is reported once

---@class watchio.WatchOptions : watchio.Selector
---@field spawn? watchio.CommandOptions a command to start and watch, in place of all other keys that select. It ends with
---watchio
---@field per? "tree"|"process"|"all"|"name"|"user"|"unit" what is one target: each topmost match and all its descendants
---(default), each match alone, all matches together, those of one name, one user, or one systemd unit (a process in no unit is
---alone)
---@field label? string names the watch in reports; default: what it selects
---@field every? watchio.Duration the sampling interval, at least "10ms"; default "1s"
---@field idle? watchio.Duration quiet time until a target is idle; default "60s"
---@field counts? watchio.Kind|watchio.Kind[] what counts as activity; default all: { "io", "net", "cpu" }. Only these kinds
---and the measures of limits are read
---@field floor? { io: string?, calls: string?, net: string?, cpu: string? } how much of each kind is only noise, in any
---second: e.g. { io = "4KB/s", calls = "20/s", net = "100B/s", cpu = "1%" }; with 0 anything counts. A floor that is not
---given keeps its measured default
---@field limits? watchio.Limit[] how much a target may do, a second or in all; judged at each sample
---@field on_start? watchio.Action a target appeared
---@field on_active? watchio.Action a kind rose above its floor, coming from quiet or idle
---@field on_idle? watchio.Action no kind rose above its floor for `idle`; once per quiet period
---@field on_exit? watchio.Action its last process ended
---@field on_leave? watchio.Action it lives, but is no longer what the watch names: after an exec, or under another name or user
---@field on_unreadable? watchio.Action a kind that counts cannot be read, so the target cannot become idle; or a kind that
---only limits need cannot be read, so these limits are not judged
---@field on_sample? watchio.Action at each sample, `every`: `event.rate` and `target.rate` are the rates since the sample
---before
---@field on_error? fun(target: watchio.Target?, event: watchio.Event, message: string) a handler of this watch raised an error
---@field while_active? watchio.Rounds done at once and then at each interval while the target is active; never more often,
---even if the target was idle in between
---@field while_idle? watchio.Rounds the same while the target is idle

---@class watchio.WatchHandle
---@field label string
local WatchHandle = {}

---Stops watching; harmless when it is stopped already. Commands that run go on.
function WatchHandle:stop() end

---The targets now, in the order they were first seen.
---@return watchio.Target[]
function WatchHandle:targets() end

---A watch judges a target as one: by default a process with everything it started. After its exit its fields keep the values
---that were last known. A field that does not exist raises an error.
---@class watchio.Target
---@field pid integer of its first process, also after that has ended
---@field pids integer[] of its living processes, parents first
---@field name string of its first process
---@field cmd string the command line
---@field user string? the name, or the uid's digits
---@field unit string? the innermost systemd service or scope
---@field label string of its watch
---@field state "quiet"|"active"|"idle"|"unknown"|"exited"|"left"
---@field idle_for number seconds of quiet
---@field started integer? seconds since the epoch
---@field total watchio.Measures since it was first seen, every byte once, whichever of its processes moved it
---@field at_least boolean more was read and written than `total` has, since the last counters of a process that ended are lost
---@field rate watchio.Measures per second. If its watch has limits or `on_sample`, it is the rate between the latest two
---samples. Otherwise it is the rate since the field was last read, at least an interval ago; at the first time, since the
---target was first seen
local Target = {}

---@return boolean lives whether any of its processes lives; a zombie does not
function Target:alive() end

---Signals every process of it, parents first, as the verb `signal` does.
---@param signal string|integer e.g. "HUP"
---@return true?
---@return string? message
---@return string? code "ESRCH" it has ended or is spared, "EPERM"
function Target:signal(signal) end

---Stops every process of it, as the verb `stop` does.
---@return true?
---@return string? message
---@return string? code "ESRCH", "EPERM"
function Target:stop() end

---Continues every process of it, no matter what stopped them.
---@return true?
---@return string? message
---@return string? code "ESRCH", "EPERM"
function Target:cont() end

---Sets the nice value of every process of it, as the verb `nice` does.
---@param value integer -20 (most) to 19
---@return true?
---@return string? message
---@return string? code "ESRCH", "EPERM", "EACCES"
function Target:nice(value) end

---Sets the I/O priority of every process of it, as the verb `ionice` does.
---@param class "idle"|"best-effort"|"realtime"
---@param level? integer 0 (most) to 7; default 4; none with "idle"
---@return true?
---@return string? message
---@return string? code "ESRCH", "EPERM"
function Target:ionice(class, level) end

---Ends it as the verb `kill` does; in a handler it waits until the process is gone.
---@param options? watchio.KillOptions
---@return boolean? gone
---@return string? message
function Target:kill(options) end

---Waits, in a handler, until the target has ended, as the verb `wait_exit` does.
---@param duration? watchio.Duration how long at most; default: as long as it takes
---@return boolean ended
---@return string? reason "timeout", "its watch has stopped"
function Target:wait_exit(duration) end

---Waits, in a handler, until the target is idle, as the verb `wait_idle` does.
---@param duration? watchio.Duration how long at most; default: as long as it takes
---@return boolean idle
---@return string? reason "timeout", "it has ended", "its watch has stopped"
function Target:wait_idle(duration) end

---A kind of activity: `io` (the counters of /proc/PID/io), `net` (bytes of TCP connections), `cpu` (time run, of all threads).
---@alias watchio.Kind "io"|"net"|"cpu"

---Bytes read and written through calls, calls, bytes of the device, bytes over TCP connections, time run. The names of the
---counters in /proc/PID/io mean the same. JSON, CSV and `pairs` use them.
---@alias watchio.Measure "read"|"write"|"read_calls"|"write_calls"|"disk_read"|"disk_write"|"disk_cancelled"|"net_rx"|"net_tx"|"cpu"|"rchar"|"wchar"|"syscr"|"syscw"|"read_bytes"|"write_bytes"|"cancelled_write_bytes"

---Says how much a target may do, and which action follows when it does more. All processes of a target count together,
---including those that have ended.
---
---A rate is the amount between two samples, divided by the time that passed. It is over when it was above the limit in every
---sample of `hold`, and under again when it was at most `below` in every sample of `hold`. It is reported less than one
---`every` late. A late sample (watchio stopped, machine stalled) counts for at most two intervals of `hold`. A measure that
---cannot be read is not judged; the hold begins again when it can be read. A total is over once. It counts from the moment
---when the target was first seen.
---
---```lua
---watch { "backup", limits = {
---  { "disk_write", above = "50MB/s", hold = "30s", on_over = log "too fast", on_under = log "fine" } } }
---```
---@class watchio.Limit
---@field [integer] watchio.Measure one
---@field above number|string a rate: "50MB/s", of calls "20/s", of cpu a share of one core "80%"; or a total: "10GB", a number
---of calls, of cpu a time "10m"
---@field below? string of a rate: the lower edge, at most `above`; default 90 % of it
---@field hold? watchio.Duration of a rate: how long it lasts before it is reported; default 0: one sample
---@field on_over? watchio.Action
---@field on_under? watchio.Action of a rate

---The figures; nil where one is not known, or does not count.
---@class watchio.Measures
---@field read integer? bytes read through calls
---@field write integer? bytes written through calls
---@field read_calls integer?
---@field write_calls integer?
---@field disk_read integer? bytes read from devices
---@field disk_write integer? bytes written to devices
---@field disk_cancelled integer? of these, bytes deleted before they were written
---@field rchar integer? the same as `read`
---@field wchar integer? `write`
---@field syscr integer? `read_calls`
---@field syscw integer? `write_calls`
---@field read_bytes integer? `disk_read`
---@field write_bytes integer? `disk_write`
---@field cancelled_write_bytes integer? `disk_cancelled`
---@field net_rx integer? bytes received
---@field net_tx integer? bytes sent
---@field cpu number? seconds run

---@class watchio.Event
---@field type "start"|"active"|"idle"|"exit"|"leave"|"unreadable"|"readable"|"over"|"under"|"sample"|"after"|"every"
---@field time number seconds on the monotonic clock
---@field idle_for? number seconds of quiet
---@field why? table<watchio.Kind, table<string, number>> the measures that moved, and by how much
---@field last? table<string, number> of idle: the activity that was last above a floor: `io` and `net` in bytes, `calls`,
---`cpu` in
---seconds; nil when there never was any
---@field rate? watchio.Measures per second. In `over` and `under` it is the mean over the time that made it so. In `sample`
---it has every known measure, since the sample before
---@field total? watchio.Measures
---@field at_least? boolean true: more was read and written than `total` has
---@field measure? watchio.Measure of `over` and `under`: what the limit is on
---@field limit? number of `over` and `under`: the limit's `above`, in bytes, calls or seconds run; of a rate, per second
---@field kind? watchio.Kind what cannot be read
---@field reason? string why, and what would fix it

---Watches processes. A running watch stays alive without a variable.
---
---```lua
---watch { "nginx", every = "5s",
---  while_active = { every = "10m", run { "make", "-C", "/srv/site" } } }
---```
---Wrong options raise an error.
---@param options watchio.WatchOptions
---@return watchio.WatchHandle? handle nil when the command of `spawn` cannot be started
---@return string? message
---@return string? code
function watchio.watch(options) end

---Sets keys for the watches that follow: how they judge and what they do, not which processes they select. A watch's own keys
---come first. A later call adds to an earlier one.
---@param options watchio.WatchOptions
function watchio.defaults(options) end

---How a command is started.
---@class watchio.CommandOptions
---@field [integer] string|number the command and its arguments
---@field cwd? string the folder to run in; default: watchio's. Another user must be able to enter it
---@field env? table<string, string|number> added to the environment
---@field user? string|integer the name or uid of the user to run as, with all their groups; needs root. The environment is then
---that of a login (HOME, SHELL, USER, LOGNAME, PATH, and TERM as it is), with `env` and the variables of `run`
---@field output? string where its output and its errors go. "terminal" (default): to watchio's own output, with `--json` to
---its standard error. "log": each line becomes an event `output` with the watch's label. A line of more than 4096 bytes comes
---in pieces, a command that writes too fast waits, and after its end at most 5000 more lines are reported. "null": nowhere. A
---path, from `/`: appended to that file. It is opened at each start, with watchio's own rights or as `user`; a new file is
---for its owner alone. If the file cannot be opened, the command is not started

---@class watchio.RunOptions : watchio.CommandOptions
---@field busy? "skip"|"queue"|"restart"|"parallel" what a call does while the command still runs. "skip" (default): nothing.
---"queue": it waits; only the latest call waits. "restart": it ends the running command (TERM, five seconds, KILL) and then
---runs. "parallel": it runs beside the other
---@field cooldown? watchio.Duration the least time from the end of a run, its retries included, to the next. An earlier call
---is skipped; with "queue" the latest waits. A restart does not wait
---@field timeout? watchio.Duration ends the command after that time: TERM, five seconds, KILL
---@field retry? watchio.Retry tries again when the command fails, takes too long or cannot be started. Meanwhile the command
---counts as busy. A restart and the end of watchio stop the retries
---@field stdin? "json" gives it the event on standard input: one line of JSON, with the fields of `--json`. Default: nothing to
---read

---@class watchio.Retry
---@field times integer how often it is tried again, 1 to 1000
---@field backoff? watchio.Duration the wait before the first retry, doubled before each further one, up to an hour; default
---"1s"

---Makes an action that runs a command: a string through /bin/sh, a list as it is. The command has its own session. When it
---ends, the processes it leaves behind there are ended, too: TERM, five seconds, KILL. It inherits none of watchio's
---capabilities. WATCHIO_EVENT, WATCHIO_WATCH, WATCHIO_PID, WATCHIO_PIDS (the first 10 000) and WATCHIO_NAME say what
---happened. In a handler the action waits. It returns true when the command ended with status 0, else false and, if there is
---one, the reason.
---@param command string|watchio.RunOptions
---@return fun(target?: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.run(command) end

---@class watchio.KillOptions
---@field signal? string|integer the first signal; default "TERM"
---@field grace? watchio.Duration the time until KILL; default "10s"
---@field most? integer how many targets of one watch may be ended within a minute; more are refused; default 10
---@field alone? boolean only the target itself counts, whatever the processes that it has started do; default: the target is
---spared while one of these is active

---Makes an action that ends the target for good, with all its processes, parents first, including those that are forked
---meanwhile. They get the signal, stopped ones CONT, and after `grace` those that are left get KILL. It returns true when all
---are gone. A process that is still there after KILL is reported, and again once it has gone. A target that has become
---another program is spared (event `spared`). At an idle event a target is also spared if it moved since, or cannot be read.
---Unless the watch is `per = "tree"`, a target may have started processes that are not part of it. While one of these is
---active or cannot be read, the target is spared. If nothing is known of such a process yet, the kill waits until it was idle
---for as long as the target. A target is refused (event `refused`) if it holds pid 1, watchio, one of its ancestors, a kernel
---thread or a name in `protect`. More than `most` targets of a watch within a minute are refused as well.
---@param options? watchio.KillOptions
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.kill(options) end

---Makes an action that signals every process of the target, parents first, including those that are forked meanwhile. As with
---`kill`, a target that has become another program is spared, and a target that holds a protected process is refused.
---@param signal string|integer e.g. "HUP"
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.signal(signal) end

---Makes an action that stops every process of the target (SIGSTOP), including those that are forked meanwhile, with the same
---refusals as `signal`. The verb `cont` continues it; at the latest it goes on when its watch stops or watchio ends, even by
---KILL. A stopped target is quiet, so it becomes idle.
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.stop() end

---Makes an action that continues every process of the target (SIGCONT), no matter what stopped them.
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.cont() end

---Makes an action that sets the nice value of all threads of the target; processes that they start inherit it. To lower the
---value takes CAP_SYS_NICE; without it the action is refused, and the reason says what would help. The kernel takes a pid
---here, so each process is checked before and afterwards. If a process ends in those microseconds, and its pid is used again
---within them, the new process gets the value.
---@param value integer -20 (most) to 19
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.nice(value) end

---Makes an action that sets the I/O priority of all threads of the target, as `nice` does. It matters only where the disk's
---scheduler knows priorities (bfq, mq-deadline). "idle" gets the disk only while no other process wants it; "realtime" takes
---CAP_SYS_NICE.
---@param class "idle"|"best-effort"|"realtime"
---@param level? integer 0 (most) to 7; default 4; none with "idle"
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.ionice(class, level) end

---Makes an action that holds the target to a rate. Ten times a second it inspects the target, stops it (SIGSTOP) while it is
---ahead of the rate, and then continues it. This lasts until the target has ended or its watch stops. It has the same
---refusals as `stop`, and always continues what it has stopped. It is reported once a target (event `throttle`).
---@param rates table<string, string> measure → rate, as in limits, e.g. { disk_write = "50MB/s" }, { cpu = "50%" }
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.throttle(rates) end

---Protects names. If a process of a target has such a name at the moment of the signal, `kill`, `signal`, `stop` and `cont`
---refuse the target (event `refused`). The names are globs, matched as by the key `name`. Several calls add up. They apply to
---all watches, wherever they stand in the policy. Some programs are always protected, if they are processes or programs of
---root, or of the session of watchio's own user: the programs that start and keep everything else (init, systemd and its
---parts, udev), the message bus, logins and the network below them (sshd, login, getty, NetworkManager), graphical sessions
---(display managers and servers, shells of desktops), container runtimes (dockerd, containerd, conmon) and the record of what
---happened (auditd, rsyslogd).
---@param names string|string[]
function watchio.protect(names) end

---Makes an action that writes a line to the report. The text is formatted once; without arguments it is taken as it is.
---@param format string as for string.format
---@param ... any
---@return fun(target?: watchio.Target, event?: watchio.Event): boolean
function watchio.log(format, ...) end

---Makes an action that shows a notification on the desktop, through notify-send, with the watch's label as its title. If
---there is no notify-send, no desktop (DISPLAY, a bus of D-Bus), or notify-send fails, the action writes a line to the report
---as `log` does. In a handler the call itself does it. Markup in the text is shown as it stands.
---@param format string as for string.format
---@param ... any
---@return fun(target?: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.notify(format, ...) end

---@class watchio.TimerHandle
local TimerHandle = {}
---Harmless when it has stopped already.
function TimerHandle:stop() end

---Does something once, after a time.
---@param duration watchio.Duration
---@param action watchio.Action
---@return watchio.TimerHandle
function watchio.after(duration, action) end

---Does something again and again, on a fixed schedule. It keeps the loop running.
---@param duration watchio.Duration
---@param action watchio.Action
---@return watchio.TimerHandle
function watchio.every(duration, action) end

---Waits, in a handler; everything else goes on. When watchio ends, a waiting handler ends at this point. In a list of actions
---it is an action: `{ signal "TERM", sleep "5s", kill {} }`.
---@param duration watchio.Duration
---@return true
function watchio.sleep(duration) end

---Waits until the handler's target has ended. In a list of actions it is an action, and the list goes on only if the target
---has ended.
---@param duration? watchio.Duration how long at most; default: as long as it takes
---@return boolean ended
---@return string? reason "timeout", "its watch has stopped"
function watchio.wait_exit(duration) end

---Waits until the handler's target is idle, as its watch judges it; if it is idle already, returns at once. In a list of
---actions it is an action, and the list goes on only if the target is idle.
---@param duration? watchio.Duration how long at most; default: as long as it takes
---@return boolean idle
---@return string? reason "timeout", "it has ended", "its watch has stopped"
function watchio.wait_idle(duration) end

---The pids of the processes that match now, in order.
---@param selector string|integer|watchio.Selector
---@return integer[]
function watchio.find(selector) end

---The seven counters of a process now. In a policy `io` is also Lua's library of that name.
---@param pid integer
---@return watchio.Measures?
---@return string? message
---@return string? code
function watchio.io(pid) end

---Ends the loop, after the commands that were started have been ended. `watchio run` exits with the status. In a policy it
---may be the value of a handler, `on_exit = quit(0)`; then that handler ends the loop. Elsewhere the call itself ends the
---loop, or, while the policy loads, at the end of that.
---@param status? integer 0 to 255
---@return fun(target?: watchio.Target, event?: watchio.Event) action
function watchio.quit(status) end

---The version, e.g. "watchio 0.1.0".
---@type string
watchio._VERSION = ""

---Runs luv's loop until nothing is left to wait for, or until `quit`. A program may end with `os.exit(watchio.loop())`. In a
---policy it does nothing, since watchio itself runs the loop.
---@return integer status with which `watchio run` would exit: what `quit` was given, 3 when there
---was nothing to watch, else 0
function watchio.loop() end

---@class watchio.PollOptions
---@field timeout? watchio.Duration default 600
---@field step? watchio.Duration the sampling interval; default 5

---Waits until any of the processes did I/O. It runs the loop itself, so a handler cannot call
---it. Not in a policy.
---@param targets (integer|string|watchio.Selector)[] pids, name globs and selectors
---@param options? watchio.PollOptions
---@return integer? active how many processes did I/O, or -1 after the timeout
---@return string? message `no process 4711`
---@return string? code "ESRCH" nothing to watch, "EACCES" nothing can be read
function watchio.poll(targets, options) end

---@class watchio.Poller
---@field active { pid: integer, name: string, why: { io: table<string, integer> } }[] the processes that moved at the last
---sample
local Poller = {}

---Waits as `watchio.poll` does; I/O since the last sample counts.
---@return integer? active
---@return string? message
---@return string? code
function Poller:poll() end

---How many did I/O since the last sample, without waiting.
---@return integer? changed
---@return string? message
---@return string? code
function Poller:update() end

---Makes a poller that remembers the counters between calls. Not in a policy.
---@param targets (integer|string|watchio.Selector)[]
---@param options? watchio.PollOptions
---@return watchio.Poller?
---@return string? message
---@return string? code
function watchio.new(targets, options) end

---The words that follow the policy on the command line. Only in a policy.
---@type string[]
args = {}

-- In a policy the verbs are in scope, so an editor completes their keys there as well.
watch = watchio.watch
defaults = watchio.defaults
run = watchio.run
kill = watchio.kill
signal = watchio.signal
stop = watchio.stop
cont = watchio.cont
nice = watchio.nice
ionice = watchio.ionice
throttle = watchio.throttle
protect = watchio.protect
log = watchio.log
notify = watchio.notify
sleep = watchio.sleep
wait_exit = watchio.wait_exit
wait_idle = watchio.wait_idle
after = watchio.after
every = watchio.every
find = watchio.find
quit = watchio.quit

return watchio
