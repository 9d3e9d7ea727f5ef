-- POLICY:2: watch: bad exe "nginx": it matches no path (want e.g. "/usr/sbin/nginx" or "*/nginx")
watch { exe = "nginx" }
-- SPDX-License-Identifier: MIT
