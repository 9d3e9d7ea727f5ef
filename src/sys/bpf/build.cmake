# SPDX-License-Identifier: MIT
# Makes traffic.lskel.h of traffic.bpf.c, for wio_sys. To build it takes clang, bpftool and the headers of libbpf. To
# run it takes nothing, since what loads the programs is a program for the kernel as well.
if(NOT WATCHIO_BPF)
  return()
endif()

find_program(WATCHIO_CLANG NAMES clang clang-22 clang-21 clang-20 clang-19 clang-18 clang-17 clang-16 clang-15 clang-14
             DOC "the compiler of programs for the kernel")
find_program(WATCHIO_BPFTOOL bpftool PATHS /usr/sbin /sbin /usr/local/sbin DOC "what makes a header of them")
find_path(WATCHIO_LIBBPF_HEADERS bpf/skel_internal.h DOC "where the headers of libbpf are")

set(bpf_folder ${CMAKE_BINARY_DIR}/bpf)
set(bpf_source ${CMAKE_SOURCE_DIR}/src/sys/bpf/traffic.bpf.c)
set(bpf_object ${bpf_folder}/traffic.bpf.o)
set(bpf_header ${bpf_folder}/traffic.lskel.h)
# For its own target clang does not know the folder of <asm/types.h>.
set(bpf_compile ${WATCHIO_CLANG} -target bpf -mcpu=v3 -g -O2 -Wall -Wextra -Wno-unused-parameter
    -I${WATCHIO_LIBBPF_HEADERS} -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -c ${bpf_source} -o ${bpf_object})
set(bpf_generate ${WATCHIO_BPFTOOL} gen skeleton -L ${bpf_object} name traffic)

# Whether all of that works is found out once, since some distributions ship a bpftool that is for another kernel.
if(NOT DEFINED WATCHIO_BPF_WORKS)
  set(bpf_failed 1)
  if(WATCHIO_CLANG AND WATCHIO_BPFTOOL AND WATCHIO_LIBBPF_HEADERS)
    file(MAKE_DIRECTORY ${bpf_folder})
    execute_process(COMMAND ${bpf_compile} RESULT_VARIABLE bpf_failed ERROR_VARIABLE bpf_why)
    if(NOT bpf_failed)
      execute_process(COMMAND ${bpf_generate}
                      RESULT_VARIABLE bpf_failed OUTPUT_FILE ${bpf_header} ERROR_VARIABLE bpf_why)
    endif()
  else()
    set(bpf_why "clang, bpftool or the headers of libbpf are not here (scripts/setup bpf)")
  endif()
  if(bpf_failed AND NOT WATCHIO_BPF STREQUAL "AUTO")
    message(FATAL_ERROR "WATCHIO_BPF is ${WATCHIO_BPF}, but ${bpf_why}")
  elseif(bpf_failed)
    message(STATUS "built without BPF: ${bpf_why}")
  else()
    set(WATCHIO_BPF_WORKS TRUE CACHE INTERNAL "programs for the kernel can be made here")
  endif()
endif()

if(WATCHIO_BPF_WORKS)
  add_custom_command(
    OUTPUT ${bpf_header}
    COMMAND ${bpf_compile}
    COMMAND ${bpf_generate} > ${bpf_header}
    DEPENDS ${bpf_source} ${CMAKE_SOURCE_DIR}/src/sys/bpf/layout.h
    VERBATIM)
  target_sources(wio_sys PRIVATE ${bpf_header})
  target_include_directories(wio_sys SYSTEM PRIVATE ${bpf_folder} ${WATCHIO_LIBBPF_HEADERS})
  target_compile_definitions(wio_sys PRIVATE WATCHIO_BPF)
endif()
