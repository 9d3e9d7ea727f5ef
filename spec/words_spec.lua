-- SPDX-License-Identifier: MIT
-- Sentences that read at once, and one noun per thing: what a machine can hold of that.
local uv = require "luv"

-- Words of which another has taken the place, as whole identifiers.
local RETIRED = {
  "wio_guard",
  "engine/guard",
  "native.guard",
  "watchio.Guard",
  "watchio.Row",
  "watchio.Listener",
  "look_over",
  "look_up",
  "look_around",
}

-- A sentence that opens with one of these has no main clause, unless it asks.
local OPENINGS = { "Who", "Whom", "Whose", "What", "Those" }

local function lines_of(path)
  local file <close> = assert(io.open(path))
  local list = {}
  for line in file:lines() do
    list[#list + 1] = line
  end
  return list
end

local function files(folder, wanted, list)
  list = list or {}
  for name, kind in uv.fs_scandir_next, (uv.fs_scandir(folder)) do
    local path = folder .. "/" .. name
    if kind == "directory" then
      files(path, wanted, list)
    elseif path:find(wanted) then
      list[#list + 1] = path
    end
  end
  return list
end

-- The prose of a page, without code, tables and headings: paragraphs of whole sentences.
local function page_sentences(path)
  local found, in_code, paragraph = {}, false, {}
  local function close()
    if paragraph[1] then found[#found + 1] = table.concat(paragraph, " ") end
    paragraph = {}
  end
  for _, line in ipairs(lines_of(path)) do
    if line:find "^```" then in_code = not in_code end
    local is_prose = not in_code
      and line:find "%S"
      and not line:find "^[#|`]"
      and not line:find "^    "
    if not is_prose or line:find "^%s*[*%d]" then close() end
    if is_prose then paragraph[#paragraph + 1] = line:gsub("^%s*[*%d]*%.?%s*", "") end
  end
  close()
  return found
end

-- The comments of a Lua file: lines that follow each other are one text.
local function comments(path)
  local found, text = {}, {}
  for _, line in ipairs(lines_of(path)) do
    local comment = line:match "^%s*%-%-%-?%s*([^@%s].*)$"
    if not comment and text[1] then
      found[#found + 1], text = table.concat(text, " "), {}
    end
    text[#text + 1] = comment
  end
  return found
end

-- The first sentence of a text that opens with a forbidden word and asks nothing.
local function without_main_clause(text)
  for sentence in (text .. " "):gmatch "(.-[.!?])%f[%s]%s*" do
    local first = sentence:match "^%W*(%a+)"
    for _, opening in ipairs(OPENINGS) do
      if first == opening and not sentence:find "%?$" then return sentence end
    end
  end
end

local function offences(paths, texts_of)
  local found = {}
  for _, path in ipairs(paths) do
    for _, text in ipairs(texts_of(path)) do
      local sentence = without_main_clause(text)
      if sentence then found[#found + 1] = path .. ": " .. sentence end
    end
  end
  return found
end

local function pages()
  local list = { "README.md", "CONTRIBUTING.md", "SECURITY.md" }
  return files("docs", "%.scd$", files("docs", "%.md$", list))
end

describe("the words of the house:", function()
  it(
    "no sentence of a page lacks its main clause",
    function() assert.same({}, offences(pages(), page_sentences)) end
  )

  it("no sentence of a comment in Lua lacks its main clause", function()
    local paths = files("scripts/policies", "%.lua$", files("lua", "%.lua$"))
    assert.same({}, offences(paths, comments))
  end)

  it("a sentence without a main clause is found, and a question is none", function()
    assert.equal("What is read.", without_main_clause "It reads. What is read. So it is.")
    assert.equal("Those that end.", without_main_clause "Those that end.")
    assert.is_nil(without_main_clause "Who may be killed? A process, whatever it does.")
  end)

  it("no word that was replaced comes back", function()
    local found = {}
    for _, path in ipairs(files("src", "%.[ch]$", files("lua", "%.lua$"))) do
      for number, line in ipairs(lines_of(path)) do
        for _, word in ipairs(RETIRED) do
          local from, to = line:find(word, 1, true)
          local stands_alone = from and not line:sub(to + 1, to + 1):find "[%w_]"
          if stands_alone then found[#found + 1] = ("%s:%d: %s"):format(path, number, word) end
        end
      end
    end
    assert.same({}, found)
  end)
end)
