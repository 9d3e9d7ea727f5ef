# Writes a C file with the Lua sources as arrays: embedded_source wio_embedded[], ended by a row without a name.
# In: SOURCES (paths below ROOT, e.g. lua/watchio/init.lua), ROOT, OUTPUT.
set(arrays "")
set(rows "")
set(number 0)
foreach(source IN LISTS SOURCES)
  file(READ ${ROOT}/${source} hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  string(APPEND arrays "static const unsigned char source_${number}[] = {${bytes}0};\n")
  # lua/watchio/cli/run.lua is watchio.cli.run, and an init.lua is its folder.
  string(REGEX REPLACE "^lua/(.*)\\.lua$" "\\1" module "${source}")
  string(REGEX REPLACE "/init$" "" module "${module}")
  string(REPLACE "/" "." module "${module}")
  string(APPEND rows "    {\"${module}\", \"@${source}\", source_${number}, sizeof source_${number} - 1},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUTPUT} "#include \"program.h\"\n\n${arrays}\nconst wio_embedded_source wio_embedded[] = {\n${rows}    {0, 0, 0, 0},\n};\n")
