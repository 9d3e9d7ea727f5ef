-- POLICY:4: '}' expected (to close '{' at line 2) near <eof>
watch { "nginx", on_idle = "make"
-- SPDX-License-Identifier: MIT
