---@meta watchio
-- The verbs of a policy, also as `local watchio = require "watchio"`: what an editor completes
-- and the manual tells.

---@class watchio
local watchio = {}

---A number of seconds, or a string such as "250ms", "10s", "5m", "1h30m", "2d".
---@alias watchio.Duration number|string

---What is done: a function, a shell line (short for `run`), or a list of actions that are done in
---order, each after the one before has finished. A list ends at an action that fails or is
---skipped, and at a function that returns false: so a `kill` never follows a save that failed.
---@alias watchio.Action fun(target: watchio.Target?, event: watchio.Event): boolean?, string?
---| string
---| watchio.Action[]

---@class watchio.Rounds
---@field every watchio.Duration at least "10ms"
---@field [integer] watchio.Action one or more, done in order

---A process as `where` sees it. A field that is none raises.
---@class watchio.Process
---@field pid integer
---@field ppid integer
---@field name string the kernel's
---@field other_names string[] what it goes by besides, see the key `name`
---@field cmd string the command line; the name in brackets when there is none
---@field exe string? the executable's path, where it may be read
---@field user string the name, or the uid's digits
---@field uid integer
---@field unit string? the innermost systemd service or scope
---@field cgroup string? the path of its control group
---@field started integer seconds since the epoch
---@field kernel_thread boolean

---What is left out of a watch: a name, a pid, a table of keys of which all hold, or a list of these. What cannot be told is
---left out, too. It is asked of matches, not of the descendants that a target takes along.
---@alias watchio.Except string|integer|watchio.Names|(string|integer|watchio.Names)[]

---What names processes: all given keys must hold, a list means any of.
---@class watchio.Names
---@field [integer] string|integer a glob on the name, or a pid (also as its digits); more values, or a list: any of them
---@field pid? integer|integer[]
---@field name? string|string[] glob on the command's name: the kernel's, and where that was cut at 15 characters the whole;
---where it is an interpreter's, what that runs (`http.server`, `app.js`, `x.jar`); where the process gave itself a title
---(setproctitle), the executable's base name
---@field cmd? string|string[] POSIX extended regular expression on the whole command line
---@field user? string|integer|(string|integer)[] names or uids
---@field exe? string|string[] glob on the executable's path, `"/opt/app/*"`; `*` matches slashes too. Of one that was replaced
---it is the path that it had. Others' may not be read without privilege: those do not match
---@field unit? string|string[] systemd unit, of the system or a user, in which the process is, however deep: `"nginx"` (a
---service), `"session-2.scope"`, `"user.slice"`, a template for all its instances `"getty@"`, or a glob. Written as in the
---cgroup: systemd's escapes are not undone. One that moves is seen within a minute
---@field cgroup? string|string[] path of a control group, with all below it; also as the directory under /sys/fs/cgroup
---@field port? integer|integer[] TCP port on which it listens, IPv4 or IPv6, in its own network namespace. Who begins to listen
---is found within one interval or a second, whichever is longer
---@field pidfile? string|string[] file that holds the pid; looked at anew at each interval, it may come later. It does not name
---a process that started after the file was written, nor, unless root or watchio's own user owns the file and each folder and link
---on its way, one of another user than their owner. Where anybody may write it or a folder on its way, or several users have a say,
---it names nobody; one that is empty for a moment names whom it named

---Which processes a watch is for.
---@class watchio.Selector : watchio.Names
---@field except? watchio.Except
---@field where? fun(process: watchio.Process): any asked last, once for each process that could join (again for a second after
---its birth, and once a minute), and before a kill. One that raises does not match; each message is told once

---@class watchio.WatchOptions : watchio.Selector
---@field spawn? watchio.CommandOptions start this command and watch it; it ends with watchio. In place of all other
---selecting keys.
---@field per? "tree"|"process"|"all"|"name"|"user"|"unit" what is one target: each topmost match and all its descendants
---(default), each match alone, all matches together, those of one name, one user, or one systemd unit (who is in none is alone)
---@field label? string names the watch in reports; default: what it selects
---@field every? watchio.Duration the sampling interval, at least "10ms"; default "1s"
---@field idle? watchio.Duration quiet time until a target is idle; default "60s"
---@field counts? watchio.Kind|watchio.Kind[] what counts as activity; default all: { "io", "net", "cpu" }. Only these are
---read, and what limits are on
---@field floor? { io: string?, calls: string?, net: string?, cpu: string? } how much of each is only noise, in any second: e.g.
---{ io = "4KB/s", calls = "20/s", net = "100B/s", cpu = "1%" }; 0 where anything counts. What is not given keeps its
---measured default
---@field limits? watchio.Limit[] how much a target may do, a second or in all; judged at each sample
---@field on_start? watchio.Action a target appeared
---@field on_active? watchio.Action a kind rose above its floor, coming from new or idle
---@field on_idle? watchio.Action none did for `idle`; once per quiet period
---@field on_exit? watchio.Action its last process ended
---@field on_leave? watchio.Action it lives, but is no longer what the watch names: after an exec, or under another name or user
---@field on_unreadable? watchio.Action a kind that counts cannot be read, so it cannot become idle; or one that only limits are on,
---and these are not judged
---@field on_sample? watchio.Action at each sample, `every`: `event.rate` and `target.rate` are the rates since the sample before
---@field on_error? fun(target: watchio.Target?, event: watchio.Event, message: string) a handler of this watch raised
---@field while_active? watchio.Rounds done at once and every so often while the target is active; never more often, also
---when it was idle in between
---@field while_idle? watchio.Rounds the same while the target is idle

---@class watchio.WatchHandle
---@field label string
local WatchHandle = {}

---Stops watching; harmless when it is stopped already. Commands that run go on.
function WatchHandle:stop() end

---The targets now, in the order they were first seen.
---@return watchio.Target[]
function WatchHandle:targets() end

---What a watch judges as one: by default a process with everything it started. Its fields answer
---from what was last known after its exit; a field that is none raises.
---@class watchio.Target
---@field pid integer of its first process, also after that has ended
---@field pids integer[] of its living processes, parents first
---@field name string of its first process
---@field cmd string the command line
---@field user string? the name, or the uid's digits
---@field unit string? the innermost systemd service or scope
---@field label string of its watch
---@field state "new"|"active"|"idle"|"unknown"|"exited"|"left"
---@field idle_for number seconds of quiet
---@field started integer? seconds since the epoch
---@field total watchio.Measures since it was first seen, every byte once, whoever of it did it
---@field at_least boolean more was read and written than `total` has: somebody ended whose last counters nobody has
---@field rate watchio.Measures a second: where its watch has limits or `on_sample`, between the latest two samples; else since
---this was asked before, at least an interval ago; at first since it was first
---seen
local Target = {}

---@return boolean lives whether any of its processes does; a zombie does not
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

---Continues every process of it, whoever stopped them.
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

---Waits, in a handler, until it has ended, as the verb `wait_exit` does.
---@param duration? watchio.Duration how long at most; default: as long as it takes
---@return boolean ended
---@return string? reason "timeout", "its watch has stopped"
function Target:wait_exit(duration) end

---Waits, in a handler, until it is idle, as the verb `wait_idle` does.
---@param duration? watchio.Duration how long at most; default: as long as it takes
---@return boolean idle
---@return string? reason "timeout", "it has ended", "its watch has stopped"
function Target:wait_idle(duration) end

---A kind of activity: `io` (the counters of /proc/PID/io), `net` (bytes of TCP connections), `cpu` (time run, of all threads).
---@alias watchio.Kind "io"|"net"|"cpu"

---What is measured: bytes read and written through calls, calls, bytes of the device, bytes over TCP connections, time run.
---@alias watchio.Measure "rchar"|"wchar"|"syscr"|"syscw"|"read_bytes"|"write_bytes"|"cancelled_write_bytes"|"net_rx"|"net_tx"|"cpu"

---How much a target may do, and what is done when it does more. All of a target counts as one, also what has ended of it.
---
---A rate is what was done between two samples by the time that passed. It is over when it was above the limit in every sample
---of `hold`, and under again when it was at most `below` in every sample of `hold`; it is told less than one `every` late. A
---late sample (watchio stopped, machine stalled) counts for at most two intervals of `hold`. What cannot be read is not judged:
---the hold begins anew when it can. A total is over once, and counts from when the target was first seen.
---
---```lua
---watch { "backup", limits = {
---  { "write_bytes", above = "50MB/s", hold = "30s", on_over = log "too fast", on_under = log "fine" } } }
---```
---@class watchio.Limit
---@field [integer] watchio.Measure one
---@field above number|string a rate: "50MB/s", of calls "20/s", of cpu a share of one core "80%"; or a total: "10GB", a number
---of calls, of cpu a time "10m"
---@field below? string of a rate: the lower edge, at most `above`; default 90 % of it
---@field hold? watchio.Duration of a rate: how long it lasts before it is told; default 0: one sample
---@field on_over? watchio.Action
---@field on_under? watchio.Action of a rate

---What is measured; nil where it is not known, or does not count.
---@class watchio.Measures
---@field rchar integer?
---@field wchar integer?
---@field syscr integer?
---@field syscw integer?
---@field read_bytes integer?
---@field write_bytes integer?
---@field cancelled_write_bytes integer?
---@field net_rx integer? bytes received
---@field net_tx integer? bytes sent
---@field cpu number? seconds run

---@class watchio.Event
---@field type "start"|"active"|"idle"|"exit"|"leave"|"unreadable"|"readable"|"over"|"under"|"sample"|"after"|"every"
---@field time number seconds on the monotonic clock
---@field idle_for? number seconds of quiet
---@field why? table<watchio.Kind, table<string, number>> the measures that moved and by how much
---@field last? table<string, number> of idle: what was last above a floor: `io` and `net` in bytes, `calls`, `cpu` in
---seconds; nil when nothing ever was
---@field rate? watchio.Measures by how much a second; of `over` and `under` the mean over the stretch that made it so, of
---`sample` all that is known, since the sample before
---@field total? watchio.Measures
---@field at_least? boolean true: more was read and written than `total` has
---@field measure? watchio.Measure of `over` and `under`: what the limit is on
---@field limit? number of these: its `above`, in bytes, calls or seconds run, of a rate a second
---@field kind? watchio.Kind what cannot be read
---@field reason? string why, and what would mend it

---Watches processes. A running watch stays alive without a variable.
---
---```lua
---watch { "nginx", every = "5s",
---  while_active = { every = "10m", run { "make", "-C", "/srv/site" } } }
---```
---Wrong options raise.
---@param options watchio.WatchOptions
---@return watchio.WatchHandle? handle nil when the command of `spawn` cannot be started
---@return string? message
---@return string? code
function watchio.watch(options) end

---Sets keys for the watches that follow: how they judge and what they do, not which processes they
---are of. What a watch gives itself holds; a later call adds to an earlier one.
---@param options watchio.WatchOptions
function watchio.defaults(options) end

---How a command is started.
---@class watchio.CommandOptions
---@field [integer] string|number the command and its arguments
---@field cwd? string the folder to run in; default: watchio's. Another user must be able to enter it
---@field env? table<string, string|number> added to the environment
---@field user? string|integer the name or uid of the user to run as, with all his groups; needs root. The environment is then
---that of a login (HOME, SHELL, USER, LOGNAME, PATH, and TERM as it is), with `env` and the variables of `run`
---@field output? string where it writes, errors too. "terminal" (default): where watchio writes, with `--json` its standard
---error. "log": each line becomes an event `output` with the watch's label; a line of more than 4096 bytes comes in pieces, a
---command that writes too fast waits, and once it has ended no more than 5000 lines are told. "null": nowhere. A path, from `/`:
---appended to that file, which watchio opens with its own rights at each start, made for its owner alone; where that fails the
---command is not started

---@class watchio.RunOptions : watchio.CommandOptions
---@field busy? "skip"|"queue"|"restart"|"parallel" what a call does while the command still runs. "skip" (default): nothing.
---"queue": it waits; exactly one waits, the latest. "restart": it ends the running one (TERM, five seconds, KILL) and then runs.
---"parallel": it runs beside it
---@field cooldown? watchio.Duration counted from the end of a run, its retries included: what comes before it is over is
---skipped; with "queue" the latest waits. A restart does not wait for it
---@field timeout? watchio.Duration ends the command after that: TERM, five seconds, KILL
---@field retry? watchio.Retry tries again when the command fails, takes too long or cannot be started; a call that comes
---meanwhile finds it busy. A restart and watchio's end give it up
---@field stdin? "json" gives it the event on standard input: one line of JSON, with the fields of `--json`. Default: nothing to
---read

---@class watchio.Retry
---@field times integer how often it is tried again, 1 to 1000
---@field backoff? watchio.Duration the wait before the first retry, doubled before each further one, up to an hour; default "1s"

---Makes an action that runs a command: a string through /bin/sh, a list as it is. It has its own
---session, and what it leaves behind there is ended with it: TERM, five seconds, KILL. It
---inherits none of watchio's capabilities. WATCHIO_EVENT, WATCHIO_WATCH, WATCHIO_PID, WATCHIO_PIDS
---(the first 10 000) and WATCHIO_NAME tell it what happened. In a handler the action waits, and
---returns true when the command ended with status 0, else false and, where there is one, the reason.
---@param command string|watchio.RunOptions
---@return fun(target?: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.run(command) end

---@class watchio.KillOptions
---@field signal? string|integer the first signal; default "TERM"
---@field grace? watchio.Duration the time until KILL; default "10s"
---@field most? integer so many targets of one watch are ended within a minute, further ones refused; default 10
---@field alone? boolean the process alone is meant, whatever those that it has started do; default: it is spared when one is active

---Makes an action that ends the target for good, with all its processes, parents first, also those that are forked meanwhile:
---the signal, and CONT for what is stopped; after `grace` KILL for what is left. It returns true when all are gone; what is still
---there after KILL is told, and again once it has gone. What has become another program is spared (event `spared`); at an idle
---event also what moved since, or cannot be seen. Where the watch is not `per = "tree"` a target is spared, too, while a
---process that it has started, and that is not of it, is active or cannot be read; where nothing is known of it yet, the kill
---waits until it was idle for as long as the target. Refused (event `refused`) is a target that holds pid 1, watchio, one of its
---ancestors, a kernel thread or a name in `protect`, and one more than `most` of its watch within a minute.
---@param options? watchio.KillOptions
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.kill(options) end

---Makes an action that signals every process of the target, parents first, also those that are forked meanwhile. As with
---`kill` it spares what has become another program, and a target that holds somebody protected is refused.
---@param signal string|integer e.g. "HUP"
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.signal(signal) end

---Makes an action that stops every process of the target (SIGSTOP), also those that are forked meanwhile, with the same
---refusals as `signal`. It is continued by `cont`, and at the latest when its watch stops or watchio ends, be it by KILL. What is
---stopped is quiet, so it becomes idle.
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.stop() end

---Makes an action that continues every process of the target (SIGCONT), whoever stopped them.
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.cont() end

---Makes an action that sets the nice value of all threads of the target; what they start has it, too. A lower value than
---before takes CAP_SYS_NICE, without which it is refused, with the cure. The kernel takes numbers here: the processes are
---looked at before and afterwards, but one that ends in those microseconds, and whose number is given again within them, hands
---its value on.
---@param value integer -20 (most) to 19
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.nice(value) end

---Makes an action that sets the I/O priority of all threads of the target, as `nice` does; it matters where the disk's scheduler
---knows priorities (bfq, mq-deadline). "idle" gets the disk only while nobody else wants it; "realtime" takes CAP_SYS_NICE.
---@param class "idle"|"best-effort"|"realtime"
---@param level? integer 0 (most) to 7; default 4; none with "idle"
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.ionice(class, level) end

---Makes an action that holds the target to a rate: ten times a second it is looked at, stopped (SIGSTOP) while it is ahead of the
---rate, and continued. It goes on until the target has ended or its watch stops, and refuses what `stop` refuses; what it has
---stopped is continued in any case. It is told once a target (event `throttle`).
---@param rates table<string, string> measure → rate, as in limits, e.g. { write_bytes = "50MB/s" }, { cpu = "50%" }
---@return fun(target: watchio.Target, event?: watchio.Event): boolean?, string?
function watchio.throttle(rates) end

---Protects names: a target of which a process has one of them at the moment of the signal gets none of `kill`, `signal`,
---`stop` and `cont` (event `refused`). They are globs, matched as by the key `name`; of several calls all hold, for all watches,
---wherever they stand in the policy. Always protected are what starts and keeps everything else (init, systemd and what belongs
---to it, udev), the message bus, logins and the network below them (sshd, login, getty, NetworkManager), graphical sessions
---(display managers and servers, shells of desktops), container runtimes (dockerd, containerd, conmon) and the record of what
---happened (auditd, rsyslogd).
---@param names string|string[]
function watchio.protect(names) end

---Makes an action that writes a line to the report. The text is made once; without arguments
---it is taken as it is.
---@param format string as for string.format
---@param ... any
---@return fun(target?: watchio.Target, event?: watchio.Event): boolean
function watchio.log(format, ...) end

---Makes an action that shows a notification on the desktop, through notify-send, with the watch's
---label as its title. Where there is no notify-send, no desktop (DISPLAY, a bus of D-Bus), or it
---fails, it writes a line to the report as `log` does. Made in a handler it is done there. Markup in
---the text is shown as it stands.
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

---Waits, in a handler, and nothing else waits with it. In a list of actions it is an action:
---`{ signal "TERM", sleep "5s", kill {} }`. When watchio ends, a handler that waits ends with it:
---nothing more of it is done.
---@param duration watchio.Duration
---@return true
function watchio.sleep(duration) end

---Waits until the handler's target has ended. In a list of actions it is an action, and the list
---goes on only when it has ended.
---@param duration? watchio.Duration how long at most; default: as long as it takes
---@return boolean ended
---@return string? reason "timeout", "its watch has stopped"
function watchio.wait_exit(duration) end

---Waits until the handler's target is idle, as its watch judges it; at once when it is. In a list of
---actions it is an action, and the list goes on only when it is idle.
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

---Ends the loop, after the commands it started have been ended. `watchio run` exits with the
---status. In a policy it is also the value of a handler, `on_exit = quit(0)`: then it is done by that
---handler, else where it stands or, while the policy loads, once that is over.
---@param status? integer 0 to 255
---@return fun(target?: watchio.Target, event?: watchio.Event) action
function watchio.quit(status) end

---The version, e.g. "watchio 0.1.0".
---@type string
watchio._VERSION = ""

---Runs luv's loop until nothing is left to wait for, or `quit`. In a policy it does nothing:
---the program runs the loop. So a program may end with `os.exit(watchio.loop())`.
---@return integer status with which `watchio run` would exit: what `quit` was given, 3 when there
---was nothing to watch, else 0
function watchio.loop() end

---@class watchio.PollOptions
---@field timeout? watchio.Duration default 600
---@field step? watchio.Duration how often to look; default 5

---Waits until any of the processes did I/O. It runs the loop itself, so a handler cannot call
---it. Not in a policy.
---@param targets (integer|string|watchio.Selector)[] pids, name globs and selectors
---@param options? watchio.PollOptions
---@return integer? active how many did, or -1 after the timeout without any
---@return string? message `no process 4711`
---@return string? code "ESRCH" nothing to watch, "EACCES" nothing can be read
function watchio.poll(targets, options) end

---@class watchio.Poller
---@field active { pid: integer, name: string, why: { io: table<string, integer> } }[] who moved at the last look
local Poller = {}

---Waits as `watchio.poll` does; what happened since the last look counts.
---@return integer? active
---@return string? message
---@return string? code
function Poller:poll() end

---How many did I/O since the last look, without waiting.
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

---What follows the policy on the command line. Only in a policy.
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
