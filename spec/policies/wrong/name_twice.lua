-- POLICY:2: watch: name: given twice, since the value without a key is a name, too (want one of them; label = "…" names the watch)
watch { "nginx", name = "n*" }
-- SPDX-License-Identifier: MIT
