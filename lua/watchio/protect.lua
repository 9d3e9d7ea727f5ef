-- protect { … }: who gets no signal from a policy, by name. The engine refuses them at the moment
-- of the signal (engine/guard), beside pid 1, watchio, its ancestors and kernel threads.
local kinds = require "watchio.kinds"
local mistake = require "watchio.mistake"

local protect = {}

--- The names that are protected always: without these a machine is lost, or nobody gets at it any
--- more to mend what a policy did.
---@type string[]
protect.always = {
  -- what starts and keeps everything else
  "init", "systemd", "systemd-*", "(sd-pam)", "openrc-init", "supervise-daemon", "runit",
  "runsvdir", "s6-svscan", "dinit", "udevd", "elogind*",
  -- the message bus
  "dbus-daemon", "dbus-broker*", "polkitd",
  -- the way in: remote, on a console, and the network below it
  "sshd*", "dropbear", "login", "agetty", "getty", "mingetty",
  "NetworkManager", "wpa_supplicant", "iwd", "dhclient", "dhcpcd", "connmand",
  -- graphical logins, display servers and sessions
  "gdm*", "sddm*", "lightdm", "greetd", "lxdm", "xdm", "Xorg", "X", "Xwayland",
  "gnome-shell", "gnome-session*", "kwin_*", "plasmashell", "plasma_session", "ksmserver",
  "startplasma*", "sway", "weston", "Hyprland", "labwc", "xfce4-session", "mate-session",
  "cinnamon-session*", "lxsession", "lxqt-session",
  -- container runtimes and virtual machines, each with many inside
  "dockerd", "containerd", "containerd-shim*", "crio", "conmon", "kubelet", "lxd", "incusd",
  "libvirtd",
  -- the record of what happened
  "auditd", "rsyslogd",
}

--- Has the engine protect what is always, and what the policy adds.
---@param session watchio.Session
function protect.apply(session)
  local names = table.move(protect.always, 1, #protect.always, 1, {})
  table.move(session.protected, 1, #session.protected, #names + 1, names)
  mistake.check("protect", session.monitor:protect(names))
end

--- Protects more names from now on; raises at the caller's line when they are wrong.
---@param session watchio.Session
---@param options any a name glob, or a list of them
function protect.add(session, options)
  local names = mistake.check("protect", kinds.list_of(kinds.text)(options))
  local all = table.move(session.protected, 1, #session.protected, 1, {})
  session.protected = table.move(names, 1, #names, #all + 1, all)
  protect.apply(session)
end

return protect
