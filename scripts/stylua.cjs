// SPDX-License-Identifier: MIT
// Formats Lua files with StyLua (the npm package that scripts/setup lint installs), as stylua.toml says.
//
//   node scripts/stylua.cjs [--check] FILE...
//
// With --check it changes nothing. Prints each file whose format differs; then --check exits with 1.
"use strict";
const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..");
const stylua = require(path.join(root, "build/lint/node_modules/@johnnymorganz/stylua/stylua_lib_node.cjs"));

// Key of stylua.toml → the type of its values in the library.
const TYPES = {
  syntax: "LuaVersion",
  line_endings: "LineEndings",
  indent_type: "IndentType",
  quote_style: "QuoteStyle",
  call_parentheses: "CallParenType",
  collapse_simple_statement: "CollapseSimpleStatement",
};

const settings = fs.readFileSync(path.join(root, "stylua.toml"), "utf8").matchAll(/^(\w+) = "?(\w+)"?(?: *#.*)?$/gm);
const options = Array.from(settings, ([, key, word]) => [key, TYPES[key] ? stylua[TYPES[key]][word] : Number(word)]);

// The library takes a configuration with each call.
function format(text) {
  const config = stylua.Config.new();
  for (const [key, value] of options) config[key] = value;
  return stylua.formatCode(text, config, undefined, stylua.OutputVerification.None);
}

const words = process.argv.slice(2);
const only_check = words[0] === "--check";
let differing = 0;
for (const file of only_check ? words.slice(1) : words) {
  const text = fs.readFileSync(file, "utf8");
  const formatted = format(text);
  if (formatted === text) continue;
  differing++;
  console.log(`${file}: ${only_check ? "not formatted" : "formatted"}`);
  if (!only_check) fs.writeFileSync(file, formatted);
}
process.exit(only_check && differing ? 1 : 0);
