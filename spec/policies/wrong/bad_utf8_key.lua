-- POLICY:2: watch: unknown key 'idl\xff\xfe'
watch { "nginx", ["idlÿþ"] = "make" }
-- SPDX-License-Identifier: MIT
