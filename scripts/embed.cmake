# SPDX-License-Identifier: MIT
# Writes a C file with the Lua sources as arrays: embedded_source wio_embedded[], ended by a row without a name.
# In: SOURCES (paths below ROOT, e.g. lua/watchio/init.lua), POLICIES (the same, e.g. scripts/policies/x.lua), ROOT,
# OUTPUT. MODULES are absolute paths of modules of others, named as their files are: they run with what they bring
# along and nothing else. The policies are one module, watchio.shipped_texts: a table, name to text.
set(arrays "")
set(rows "")
set(number 0)
macro(add_module module chunk hex foreign)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char source_${number}[] = {${bytes}0};\n")
  string(APPEND rows "    {\"${module}\", \"@${chunk}\", source_${number}, sizeof source_${number} - 1, ${foreign}},\n")
  math(EXPR number "${number} + 1")
endmacro()

foreach(source IN LISTS SOURCES)
  file(READ ${ROOT}/${source} text HEX)
  # lua/watchio/cli/run.lua is watchio.cli.run, and an init.lua is its folder.
  string(REGEX REPLACE "^lua/(.*)\\.lua$" "\\1" module "${source}")
  string(REGEX REPLACE "/init$" "" module "${module}")
  string(REPLACE "/" "." module "${module}")
  add_module(${module} ${source} "${text}" false)
endforeach()

foreach(source IN LISTS MODULES)
  file(READ ${source} text HEX)
  get_filename_component(module ${source} NAME_WE)
  add_module(${module} ${module}.lua "${text}" true)
endforeach()

string(HEX "return {\n" texts)
foreach(source IN LISTS POLICIES)
  file(READ ${ROOT}/${source} text HEX)
  get_filename_component(name ${source} NAME_WE)
  string(HEX "['${name}'] = [==[\n" before)
  string(HEX "]==],\n" after)
  string(APPEND texts "${before}${text}${after}")
endforeach()
string(HEX "}\n" end)
add_module(watchio.shipped_texts watchio/shipped_texts "${texts}${end}" false)

file(WRITE ${OUTPUT}
  "#include \"program.h\"\n\n${arrays}\n"
  "const wio_embedded_source wio_embedded[] = {\n${rows}    {0, 0, 0, 0, 0},\n};\n")
