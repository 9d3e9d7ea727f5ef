-- POLICY:2: io: bad pid "nginx" (want a positive whole number)
io "nginx"
-- SPDX-License-Identifier: MIT
