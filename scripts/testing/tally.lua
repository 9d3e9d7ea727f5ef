-- SPDX-License-Identifier: MIT
-- An output handler for busted: the plain one, and a last line `N passed, N failed, N skipped`.

return function(options)
  local busted = require "busted"
  local handler = require "busted.outputHandlers.plainTerminal"(options)

  busted.subscribe({ "suite", "end" }, function()
    local failed = handler.failuresCount + handler.errorsCount
    local line = "%d passed, %d failed, %d skipped\n"
    io.write(line:format(handler.successesCount, failed, handler.pendingsCount))
    io.flush()
    return nil, true
  end)
  return handler
end
