# Op folders. A folder NAME with a file NAME.cpp is an op: its *.cpp go into the op library; its *.cu and, once more, NAME.cpp (with
# BISQUE_CUDA_PART) go into its CUDA part. A folder NAME with NAME_kernels.h and no NAME.cpp holds the kernels that the ops *_NAME share (norm:
# row_norm, group_norm, ...). Any other folder is an error. Adding an op adds a folder; there is no registration list to update.

# This file is installed too: find_package(bisque) provides bisque_op_library() to a third-party project, which enables the language CUDA if it has CUDA
# kernels.

# bisque_link_completely(TARGET): a symbol that no linked library defines is an error at link time, not in the user's program. Libraries under a sanitizer find
# its runtime in the program.
function(bisque_link_completely target)
  if(NOT BISQUE_SANITIZE AND NOT "${CMAKE_CXX_FLAGS} ${CMAKE_SHARED_LINKER_FLAGS}" MATCHES "-fsanitize")
    target_link_options(${target} PRIVATE -Wl,-z,defs)
  endif()
endfunction()

# bisque_op_sources(HOST CUDA PARENTS... [EXCEPT FOLDERS...]): what the op folders under PARENTS contribute to an op library and to its CUDA part.
# EXCEPT names folders that are no ops.
function(bisque_op_sources host_variable cuda_variable)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "EXCEPT")
  set(host_sources "")
  set(cuda_sources "")
  foreach(parent IN LISTS arg_UNPARSED_ARGUMENTS)
    file(GLOB folders LIST_DIRECTORIES true CONFIGURE_DEPENDS ${parent}/*)
    foreach(folder IN LISTS folders)
      get_filename_component(name ${folder} NAME)
      if(NOT IS_DIRECTORY ${folder} OR name STREQUAL "__pycache__" OR name IN_LIST arg_EXCEPT)
        continue()
      endif()
      file(GLOB host CONFIGURE_DEPENDS ${folder}/*.cpp)
      file(GLOB cuda CONFIGURE_DEPENDS ${folder}/*.cu)
      file(GLOB ops CONFIGURE_DEPENDS ${folder}/${name}.cpp)
      if(NOT ops AND EXISTS ${folder}/${name}_kernels.h)
        file(GLOB ops CONFIGURE_DEPENDS ${parent}/*_${name}/*_${name}.cpp)
      endif()
      file(GLOB files ${folder}/*)
      if(files AND NOT ops)
        message(FATAL_ERROR "${folder} is not an op folder, expected ${name}.cpp in it (or, for kernels that ops share, ${name}_kernels.h and an op "
          "*_${name}); folders without an op are listed after EXCEPT of bisque_op_library().")
      endif()
      list(APPEND host_sources ${host})
      if(cuda)
        list(APPEND cuda_sources ${cuda} ${ops})
      endif()
    endforeach()
  endforeach()
  if(NOT host_sources)
    message(FATAL_ERROR "There is no op folder under ${arg_UNPARSED_ARGUMENTS}, expected folders NAME with a file NAME.cpp.")
  endif()
  list(REMOVE_DUPLICATES cuda_sources)
  set(${host_variable} ${host_sources} PARENT_SCOPE)
  set(${cuda_variable} ${cuda_sources} PARENT_SCOPE)
endfunction()

# bisque_op_library(NAME PARENTS... [EXCEPT FOLDERS...]): the op library NAME, and NAME_cuda if CUDA is built, from all op folders under PARENTS.
# Both use the stable ABI of torch 2.10, so one build runs in every later torch; they contain no path to a torch.
function(bisque_op_library name)
  bisque_op_sources(host_sources cuda_sources ${ARGN})
  set(parts ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../core/ops)
  if(EXISTS ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/op_library)
    set(parts ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/op_library)
  endif()
  set(helpers ${parts}/checks.cpp ${parts}/declaration.cpp ${parts}/op_text.cpp ${parts}/plugin_entry.cpp ${parts}/registration.cpp)

  add_library(${name} SHARED ${host_sources} ${helpers})
  # A third-party op library needs Highway only where it uses it.
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND AND NOT TARGET PkgConfig::hwy)
    pkg_check_modules(hwy QUIET IMPORTED_TARGET libhwy)
  endif()
  if(TARGET PkgConfig::hwy)
    target_link_libraries(${name} PRIVATE PkgConfig::hwy)
  endif()
  bisque_finish_op_library(${name} nullptr)
  if(cuda_sources AND NOT CMAKE_CUDA_COMPILER)
    message(STATUS "${name}: WITHOUT its CUDA kernels, because the language CUDA is not enabled")
  elseif(cuda_sources AND CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 13)
    message(STATUS "${name}: WITHOUT its CUDA kernels, because nvcc is ${CMAKE_CUDA_COMPILER_VERSION}, expected 13 or later")
  elseif(cuda_sources AND TARGET bisque::libtorch_cuda)
    add_library(${name}_cuda SHARED ${cuda_sources} ${helpers})
    target_link_libraries(${name}_cuda PRIVATE bisque::torch_cuda)
    target_compile_definitions(${name}_cuda PRIVATE USE_CUDA BISQUE_CUDA_PART)
    target_include_directories(${name}_cuda SYSTEM PRIVATE ${CMAKE_CUDA_TOOLKIT_INCLUDE_DIRECTORIES})
    target_include_directories(${name}_cuda BEFORE PRIVATE ${BISQUE_CUB_INCLUDE})
    set_target_properties(${name}_cuda PROPERTIES CUDA_ARCHITECTURES "${BISQUE_CUDA_ARCHS}" CUDA_STANDARD 20
      CUDA_RUNTIME_LIBRARY Shared)
    string(REPLACE ";" " " archs "${BISQUE_CUDA_ARCHS}")
    bisque_finish_op_library(${name}_cuda "\"${archs}\"")
  endif()
endfunction()

# bisque_python_tests(NAME FOLDER): the tests of the op library NAME in FOLDER, by BISQUE_PYTHON with pytest and the test kit of bisque3d. They find the
# library in the environment variable NAME_LIBRARY, in capitals. NAME_softgpu runs the CUDA kernels without a GPU.
function(bisque_python_tests name folder)
  string(TOUPPER ${name} upper)
  set(environment "${upper}_LIBRARY=$<TARGET_FILE:${name}>")
  if(EXISTS ${BISQUE_PYTHON_PACKAGES})  # in a wheel, Python has bisque3d itself
    list(APPEND environment "PYTHONPATH=${BISQUE_PYTHON_PACKAGES}:$ENV{PYTHONPATH}")
  endif()
  set(pytest ${BISQUE_PYTHON} -m pytest -q -p no:cacheprovider ${folder})
  add_test(NAME ${name} COMMAND ${pytest})
  set_tests_properties(${name} PROPERTIES ENVIRONMENT "${environment}")
  if(TARGET ${name}_cuda AND EXISTS "${BISQUE_PROGRAM}")
    add_test(NAME ${name}_softgpu COMMAND ${BISQUE_PROGRAM} softgpu ${pytest} -m cuda)
    set_tests_properties(${name}_softgpu PROPERTIES ENVIRONMENT "${environment}")
  endif()
endfunction()

# bisque_cuda_options(TARGET): how CUDA is compiled, beside CMAKE_CUDA_FLAGS.
function(bisque_cuda_options target)
  set(options
    -fmad=false               # as on the CPU: kernels that share their math with it round as it does
    -lineinfo                 # softgpu's reports name lines
    --expt-relaxed-constexpr  # the kit's headers need it
    --threads=2)              # architectures are compiled side by side
  target_compile_options(${target} PRIVATE "$<$<COMPILE_LANGUAGE:CUDA>:${options}>")
endfunction()

# For bisque_op_library(), whose ${parts} holds exports.map.
function(bisque_finish_op_library name archs)
  add_library(bisque::${name} ALIAS ${name})
  target_link_libraries(${name} PRIVATE bisque_options bisque::libtorch_headers bisque::torch_cpu)
  target_compile_definitions(${name} PRIVATE TORCH_TARGET_VERSION=0x020a000000000000)
  target_compile_definitions(${name} PRIVATE BISQUE_PLUGIN_NAME="${name}" BISQUE_PLUGIN_VERSION="${PROJECT_VERSION}"
    "BISQUE_PLUGIN_CUDA_ARCHS=${archs}")
  # Release builds alone are worth timing; the kernels are kept fast in debug builds too.
  target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O3>)
  bisque_cuda_options(${name})
  bisque_link_completely(${name})
  # Templates of the C++ library have default visibility.
  target_link_options(${name} PRIVATE -Wl,--version-script,${parts}/exports.map)
  set_property(TARGET ${name} APPEND PROPERTY LINK_DEPENDS ${parts}/exports.map)
  set_target_properties(${name} PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON CUDA_VISIBILITY_PRESET hidden)
endfunction()
