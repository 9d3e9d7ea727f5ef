-- POLICY:2: unexpected symbol near '{'
{ "watch": ["nginx"], "idle": "1h" }
-- SPDX-License-Identifier: MIT
