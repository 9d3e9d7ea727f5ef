-- POLICY:2: protect: unknown key 'name' in a list of values
protect { "postgres", name = "sshd" }
-- SPDX-License-Identifier: MIT
