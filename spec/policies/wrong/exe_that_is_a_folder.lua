-- POLICY:2: watch: bad exe "/opt/app/": it matches no path (want e.g. "/usr/sbin/nginx" or "*/nginx")
watch { exe = "/opt/app/" }
-- SPDX-License-Identifier: MIT
