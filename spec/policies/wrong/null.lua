-- POLICY:2: unknown name 'null' (want nil)
watch { "nginx", idle = null }
-- SPDX-License-Identifier: MIT
