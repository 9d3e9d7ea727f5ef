-- POLICY:2: watch: user: unknown user "rooot" (did you mean 'root'?)
watch { "nginx", user = "rooot" }
-- SPDX-License-Identifier: MIT
