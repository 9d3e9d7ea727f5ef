-- POLICY:2: watch: bad regular expression "(": Unmatched ( or \(
watch { cmd = "(" }
-- SPDX-License-Identifier: MIT
