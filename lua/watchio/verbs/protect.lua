-- SPDX-License-Identifier: MIT
-- protect { … }: names of processes that get no signal from a policy. The engine refuses them at
-- the moment of the signal (engine/refusal), like pid 1, watchio, its ancestors and kernel threads.
local kept = require "watchio.base.kept"
local values = require "watchio.check.values"
local mistake = require "watchio.base.mistake"

local protect = {}

-- Names of a session. They also count for a user's own processes, so that a user's watchio does not
-- end that user's session.
local SESSION <const> = {
  "systemd",
  "(sd-pam)",
  -- the message bus
  "dbus-daemon",
  "dbus-broker*",
  -- the way in
  "sshd*",
  "dropbear",
  -- display servers and sessions
  "Xorg",
  "X",
  "Xwayland",
  "gnome-shell",
  "gnome-session*",
  "kwin_*",
  "plasmashell",
  "plasma_session",
  "ksmserver",
  "startplasma*",
  "sway",
  "weston",
  "Hyprland",
  "labwc",
  "xfce4-session",
  "mate-session",
  "cinnamon-session*",
  "lxsession",
  "lxqt-session",
}

local SYSTEM <const> = {
  -- programs that start and keep everything else
  "init",
  "systemd-*",
  "openrc-init",
  "supervise-daemon",
  "runit",
  "runsvdir",
  "s6-svscan",
  "dinit",
  "udevd",
  "elogind*",
  "polkitd",
  -- the way in on a console, and the network below it
  "login",
  "agetty",
  "getty",
  "mingetty",
  "NetworkManager",
  "wpa_supplicant",
  "iwd",
  "dhclient",
  "dhcpcd",
  "connmand",
  -- graphical logins
  "gdm*",
  "sddm*",
  "lightdm",
  "greetd",
  "lxdm",
  "xdm",
  -- container runtimes and virtual machines, each with many inside
  "dockerd",
  "containerd",
  "containerd-shim*",
  "crio",
  "conmon",
  "kubelet",
  "lxd",
  "incusd",
  "libvirtd",
  -- the record of what happened
  "auditd",
  "rsyslogd",
}

--- The names that are always protected. Without these programs a machine is lost, or nobody can
--- reach it any more to repair the damage of a policy. Anybody can take a name, so it counts only
--- for root's processes, for programs of root that bear it, and in a user's own session for that
--- user's watchio.
---@type string[]
protect.always = table.move(SYSTEM, 1, #SYSTEM, #SESSION + 1, { table.unpack(SESSION) })

-- Such a program may lie in any folder.
local programs <const> = {}
for index, name in ipairs(protect.always) do
  programs[index] = "*/" .. name
end

local names_of = kept(function() return {} end) -- edition → what it adds

--- Tells the engine the names that are always protected, and those of the current policy.
---@param session watchio.Session
function protect.apply(session)
  mistake.check(
    "protect",
    session.monitor:protect {
      named = names_of(session.edition),
      system = protect.always,
      programs = programs,
      session = SESSION,
    }
  )
end

--- Protects more names from now on. Wrong names raise an error at the caller's line.
---@param session watchio.Session
---@param options any a name glob, or a list of them
function protect.add(session, options)
  local names = mistake.check("protect", values.list_of(values.text)(options))
  local all = names_of(session.edition)
  table.move(names, 1, #names, #all + 1, all)
  protect.apply(session)
end

return protect
