-- POLICY:4: no visible label 'done' for <goto> at line 2
goto done
-- SPDX-License-Identifier: MIT
