-- POLICY:2: unknown name 'watchio' (want local watchio = require "watchio")
watchio.watch { "nginx" }
-- SPDX-License-Identifier: MIT
