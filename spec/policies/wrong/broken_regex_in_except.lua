-- POLICY:2: watch: bad regular expression "(": Unmatched ( or \(
watch { "nginx", except = { cmd = "(" } }
-- SPDX-License-Identifier: MIT
