# The conventions of the tree: headers are included as <bisque/core/nn/module.h> everywhere; sources are in the folder of their library.

# There are no C++ modules: scanning for them, CMake's default from GCC 14, would preprocess every file twice.
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)

# In the tree, include/bisque is a link to the root.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include)
file(CREATE_LINK ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/include/bisque SYMBOLIC)

add_library(bisque_options INTERFACE)
target_compile_features(bisque_options INTERFACE cxx_std_20)
target_include_directories(bisque_options INTERFACE $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>)
target_compile_options(bisque_options INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-fno-math-errno>
  # GCC 12 and 13 warn about overlaps in std::string that do not exist (GCC bug 105651).
  $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>
  # A picture is the same on every machine: the compiler fuses no multiply-add.
  $<$<COMPILE_LANGUAGE:CXX>:-ffp-contract=off>)
# Only the ops' loops benefit from -O3 (BisqueOps); elsewhere it would make the build a sixth longer.
add_compile_options($<$<AND:$<CONFIG:Release>,$<COMPILE_LANGUAGE:CXX>>:-O2>)
# For code whose build time matters more than its speed.
set(BISQUE_QUICK_OPTIONS $<$<CONFIG:Release>:-O1>)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  # -O2 sets these; without them GCC rejects its precompiled header at -O1.
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    list(APPEND BISQUE_QUICK_OPTIONS $<$<CONFIG:Release>:-munroll-only-small-loops> $<$<CONFIG:Release>:-mvzeroupper>)
  endif()
  # The baseline; kernels go up to AVX-512 by dynamic dispatch.
  target_compile_options(bisque_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=x86-64-v2>)
  # SSE4, AVX2 and AVX-512: the others (SSE4 without AES is below it, 0xFF above AVX-512) take time to compile and bring no gain here.
  target_compile_definitions(bisque_options INTERFACE HWY_DISABLE_PCLMUL_AES HWY_DISABLED_TARGETS=0xFF)
else()
  # The baseline of 64-bit ARM, as of a Raspberry Pi 4: no LSE, not even behind a check.
  target_compile_options(bisque_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=armv8-a;-mno-outline-atomics>)
  # Structs of vectors, which kernels use, cannot hold SVE's sizeless vectors; NEON is on every 64-bit ARM. Highway's detection at run time, which
  # needs sys/auxv.h, would compile NEON together with AES, which a Raspberry Pi 4 lacks.
  target_compile_definitions(bisque_options INTERFACE
    "HWY_DISABLED_TARGETS=(HWY_SVE|HWY_SVE2|HWY_SVE_256|HWY_SVE2_128)" TOOLCHAIN_MISS_SYS_AUXV_H)
endif()
if(BISQUE_SANITIZE)
  target_compile_options(bisque_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${BISQUE_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=undefined>)
  target_link_options(bisque_options INTERFACE -fsanitize=${BISQUE_SANITIZE})
endif()

# ATen's headers take 8 seconds to parse: all targets that use libtorch share one precompiled header (bisque_uses_aten), which sources free of libtorch do not
# use.
function(bisque_uses_aten target)
  if(NOT TARGET bisque_pch)
    file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp "// holds the precompiled header\n")
    add_library(bisque_pch OBJECT ${PROJECT_BINARY_DIR}/pch.cpp)
    target_link_libraries(bisque_pch PRIVATE bisque_options bisque::libtorch)
    target_precompile_headers(bisque_pch PRIVATE <ATen/ATen.h>)
    set_target_properties(bisque_pch PROPERTIES CXX_VISIBILITY_PRESET default)
  endif()
  target_precompile_headers(${target} REUSE_FROM bisque_pch)
  # Compilers accept a precompiled header only with the options it was compiled with.
  set_target_properties(${target} PROPERTIES CXX_VISIBILITY_PRESET default DEFINE_SYMBOL "")
  get_target_property(sources ${target} SOURCES)
  foreach(folder IN LISTS BISQUE_PARSER_FOLDERS)
    set(parsers ${sources})
    list(FILTER parsers INCLUDE REGEX "${PROJECT_SOURCE_DIR}/${folder}/[^/]*$")
    if(parsers)
      set_source_files_properties(${parsers} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
    endif()
  endforeach()
endfunction()

# bisque_join_sources(TARGET): with BISQUE_UNITY, the sources of a folder are compiled as one. Shared code (mainly libtorch's templates) is then compiled once
# per folder, which saves two fifths of the time; an edit rebuilds its folder.
option(BISQUE_UNITY "Compile the sources of a folder as one: faster to build, slower to edit" OFF)
function(bisque_join_sources target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${BISQUE_UNITY} UNITY_BUILD_MODE GROUP)
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    get_filename_component(source ${source} ABSOLUTE)
    get_filename_component(folder ${source} DIRECTORY)
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${folder})
    string(MAKE_C_IDENTIFIER "${folder}" group)
    # A header-only library is implemented where its header is included first; SIMD kernels are included once per target.
    file(STRINGS ${source} stays_apart REGEX "#define ([A-Z]+_IMPLEMENTATION|HWY_TARGET_INCLUDE)")
    if(stays_apart OR NOT source MATCHES "\\.cpp$")
      continue()
    endif()
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()

# bisque_library(NAME [FOLDERS...]): a shared library of all sources in these folders (not their subfolders) of the current one.
function(bisque_library name)
  set(sources "")
  foreach(folder IN LISTS ARGN)
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  add_library(${name} SHARED ${sources})
  add_library(bisque::${name} ALIAS ${name})
  target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:bisque_options>)
  bisque_join_sources(${name})
  target_compile_features(${name} PUBLIC cxx_std_20)  # the headers need it, also in users' projects
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  # Libraries of the core and above export all they declare; an op library exports its entry alone.
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET default VISIBILITY_INLINES_HIDDEN ON
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR} INSTALL_RPATH "$ORIGIN;${BISQUE_LIBTORCH_RPATH}")
  bisque_link_completely(${name})
  set_property(GLOBAL APPEND PROPERTY BISQUE_LIBRARIES ${name})
endfunction()

# bisque_built_in_ops(NAME ...): bisque_op_library for the tree's own ops.
function(bisque_built_in_ops name)
  bisque_op_library(${name} ${ARGN})
  foreach(library ${name} ${name}_cuda)
    if(TARGET ${library})
      bisque_join_sources(${library})
      target_precompile_headers(${library} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${PROJECT_SOURCE_DIR}/core/ops/glue.h>)
      set_property(GLOBAL APPEND PROPERTY BISQUE_LIBRARIES ${library})
    endif()
  endforeach()
endfunction()

# bisque_load_at_run_time(TARGET NAME): TARGET refers to no symbol of the op library NAME; the plugin interface loads it from beside bisque_core.
# With BISQUE_OPS_OF_OTHER_BUILD, which `make test-arm` sets, that is a copy from a build for another torch.
function(bisque_load_at_run_time target name)
  foreach(library ${name} ${name}_cuda)
    if(TARGET ${library} AND NOT BISQUE_OPS_OF_OTHER_BUILD)
      add_dependencies(${target} ${library})
    endif()
  endforeach()
endfunction()
