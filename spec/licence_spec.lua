-- SPDX-License-Identifier: MIT
-- Every source file says its licence: in its first lines, policies after the comment that says what
-- they do, and those that are wrong in a given line at the end.
local PATHS <const> = {
  ".busted",
  ".ci",
  ".luacheckrc",
  "CMakeLists.txt",
  "lua",
  "packaging",
  "scripts",
  "spec",
  "src",
  "watchio-scm-1.rockspec",
}
local NO_SOURCES <const> = {
  "^spec/fuzz/corpus/",
  "^packaging/debian/%l+$",
  "^packaging/debian/source/",
  "%.md$",
  "%.json$",
}
local SOURCES <const> = { "^packaging/debian/rules$" }

local function any(patterns, path)
  for _, pattern in ipairs(patterns) do
    if path:find(pattern) then return true end
  end
  return false
end

local function is_source(path) return any(SOURCES, path) or not any(NO_SOURCES, path) end

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read("a")
end

describe("the licence", function()
  it("stands in every source file", function()
    local count, missing = 0, {}
    local pipe <close> = assert(io.popen("find " .. table.concat(PATHS, " ") .. " -type f"))
    for path in pipe:lines() do
      if is_source(path) then
        count = count + 1
        if not read(path):find("SPDX-License-Identifier: MIT\n", 1, true) then
          missing[#missing + 1] = path
        end
      end
    end
    assert.same({}, missing)
    assert.is_true(count > 500)
  end)
end)
