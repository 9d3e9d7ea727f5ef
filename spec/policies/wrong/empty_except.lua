-- POLICY:2: watch: except: names nothing (want e.g. a name, or user = "root")
watch { "nginx", except = {} }
-- SPDX-License-Identifier: MIT
