-- POLICY:3: <name> expected near '-'
watch:
  - nginx
-- SPDX-License-Identifier: MIT
