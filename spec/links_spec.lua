-- SPDX-License-Identifier: MIT
-- No page links to a page, a heading or a file that is not there.
local uv = require "luv"

local function read(path)
  local file <close> = assert(io.open(path))
  return file:read("a")
end

-- All pages for people, from the root.
local function pages()
  local list = {}
  for _, folder in ipairs { ".", "docs" } do
    for name in uv.fs_scandir_next, (uv.fs_scandir(folder)) do
      local path = folder == "." and name or folder .. "/" .. name
      if name:find "%.md$" then list[#list + 1] = path end
    end
  end
  table.sort(list)
  return list
end

-- The text without what is code.
local function prose(text)
  return (
    ("\n" .. text):gsub("\n```.-\n```", ""):gsub("\n    [^\n]*", "\n"):gsub("`[^`\n]*`", "")
  )
end

-- Heading → its anchor, as GitHub and scripts/site make it.
local function anchors(text)
  local found = {}
  for heading in ("\n" .. text):gsub("\n```.-\n```", ""):gmatch "\n#+ ([^\n]*)" do
    found[heading:lower():gsub("[^%w _-]", ""):gsub(" ", "-")] = true
  end
  return found
end

-- The path of a link, as from the root.
local function from_root(page, link)
  local path = (page:match "^(.*/)" or "") .. link
  local shorter, times = path:gsub("[^/]+/%.%./", "", 1)
  return times > 0 and shorter or path
end

describe("the pages", function()
  for _, page in ipairs(pages()) do
    it(page .. " link to what is there", function()
      local dead = {}
      for link in prose(read(page)):gmatch "%]%(([^)%s]+)%)" do
        local path, anchor = link:match "^([^#]*)#?(.*)$"
        if not link:find "^%a+:" then
          path = path == "" and page or from_root(page, path)
          local is_there = uv.fs_stat(path) and (anchor == "" or anchors(read(path))[anchor])
          if not is_there then dead[#dead + 1] = link end
        end
      end
      assert.same({}, dead)
    end)
  end

  it("of CONTRIBUTING name files that are there", function()
    local named = 0
    for path in read "CONTRIBUTING.md":gmatch "`([%w_]+/[%w_/.-]+)" do
      if not path:find "VERB" and not path:find "^build/" then
        named = named + 1
        assert.truthy(uv.fs_stat(path), path)
      end
    end
    assert.is_true(named > 20)
  end)
end)
